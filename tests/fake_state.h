/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAKE_STATE_H
#define TESTS_FAKE_STATE_H

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*
 * IAM and STS for unit tests: keeps one policy for each role, counts calls, and fails in
 * the ways it is told to.  A thread a connection, so that one can hang.  Here is what its
 * parts share.
 */
#define FAKE_ROLES 256
#define FAKE_BODY 65536
#define FAKE_PATIENCE 50 /* seconds, for what must come */

enum fake_trouble {
	FAKE_FINE,
	FAKE_DOWN,     /* hangs up before it does a thing */
	FAKE_DEAF,     /* does it and hangs up without an answer */
	FAKE_THROTTLE, /* refuses with Throttling, status 400 */
	FAKE_BROKEN,   /* answers 500 */
	FAKE_FORBID,   /* refuses with AccessDenied */
};

struct fake_role {
	char name[64];
	char document[FAKE_BODY / 2];
	/* Of one that was made by CreateRole: see fake_roles.h. */
	bool is_made;
	char path[64], tags[8][2][128];
};

/* What STS gave for a grant. */
#define FAKE_SESSIONS 64

struct fake_session {
	char role[256], tag[64], name[64], policy[2049];
};

struct fake_iam {
	pthread_mutex_t lock;
	pthread_cond_t has_changed;
	int fd;
	char url[64];
	pthread_t thread;
	int connections;
	bool is_over;

	/* What the test tells it, under the lock once it runs. */
	enum fake_trouble trouble;
	int trouble_count; /* how many calls; -1: all */
	int kill_at;       /* the call in which *kill_pid is killed; 0: none */
	bool kills_after;  /* ... when it is done, not before */
	const pid_t *kill_pid;
	const char *slow; /* calls about that role, or so named, hang until it is NULL */
	const char *account; /* that the keys are of */
	int longest_seconds; /* MaxSessionDuration of every role */
	int others;          /* characters of another inline policy of each role */
	int blind;           /* questions to DynamoDB that see no Deny yet; -1: all */
	bool denies_all;     /* another Deny of every role is for everybody */
	const char *words;   /* DynamoDB's, whatever it is; or NULL */
	const char *forbids_saying; /* the message of FAKE_FORBID; NULL: "no" */
	const char *refuses_all;    /* the code with which STS gives no role; or NULL */

	/* What it tells the test. */
	struct fake_role roles[FAKE_ROLES];
	int puts, deletes, gets, get_roles, lists, identities, assumes, calls;
	int made, destroyed, probes; /* roles by themselves */
	int not_yet;                 /* how many probes are refused first */
	struct fake_session sessions[FAKE_SESSIONS]; /* the last ones, by their number */
	int session_count, questions;
	bool is_asking; /* for a session of STS, whatever comes of it */
	char assumed[256];
	char key_id[128]; /* that signed the last call of IAM */
};

static char *fake_form_value(const char *body, const char *name, char *out, size_t size)
{
	char key[64];
	const char *at;
	size_t used = 0;

	snprintf(key, sizeof(key), "&%s=", name);
	at = strstr(body, key);
	*out = '\0';
	if (!at)
		return out;
	for (at += strlen(key); *at && *at != '&' && used + 1 < size; at++) {
		unsigned int byte = (unsigned char)*at;

		if (*at == '%' && sscanf(at + 1, "%2x", &byte) == 1)
			at += 2;
		out[used++] = (char)byte;
	}
	out[used] = '\0';
	return out;
}

/* With the lock held; made on first use. */
static struct fake_role *fake_role_of(struct fake_iam *fake, const char *name)
{
	for (int i = 0; i < FAKE_ROLES; i++) {
		if (!fake->roles[i].name[0])
			snprintf(fake->roles[i].name, sizeof(fake->roles[i].name), "%s",
				 name);
		if (strcmp(fake->roles[i].name, name) == 0)
			return &fake->roles[i];
	}
	abort();
}

static int fake_refuse_saying(char *out, size_t size, int status, const char *code,
			      const char *message)
{
	snprintf(out, size,
		 "<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error>"
		 "</ErrorResponse>",
		 code, message);
	return status;
}

static int fake_refuse(char *out, size_t size, int status, const char *code)
{
	return fake_refuse_saying(out, size, status, code, "no");
}

#endif
