/* SPDX-License-Identifier: MIT */
#ifndef BROKER_PROFILES_H
#define BROKER_PROFILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "broker/findings.h"
#include "broker/hours.h"

/*
 * profiles.yaml, read and checked whole: who people are, what can be asked
 * for, who approves.  A struct profiles never changes once loaded; a reload
 * makes a new one and the old lives on until its last reader lets go.  Names
 * of people compare without regard to case.
 */
struct scope;   /* policy/scope.h: what an access list allows */
struct matcher; /* profiles-matcher.h: a pattern, compiled */

/* What a group may do on the broker itself. */
enum capability {
	CAPABILITY_ASK = 1 << 0,
	CAPABILITY_APPROVE = 1 << 1,
	CAPABILITY_REVOKE = 1 << 2,
	CAPABILITY_READ_AUDIT = 1 << 3,
};

struct person {
	char *name;
	char **groups; /* ends with NULL */
	unsigned int capabilities;
};

/* Those who are in it or what it may: a group is there once either names it. */
struct group {
	char *name;
	unsigned int line;
	unsigned int capabilities;
	const struct person **members; /* ends with NULL; in the file's order */
	size_t member_count;
};

struct account {
	char *name;
	char *id;       /* twelve digits */
	char *region;   /* "eu-west-1" */
	char *manager;  /* role that the broker becomes to write to IAM there; or NULL */
	char *boundary; /* of roles made there: a policy's name or ARN; or NULL */
	unsigned int line;
};

struct parameter {
	char *name;
	char *pattern; /* anchored on both ends when matched; POSIX extended */
	char *summary;
	unsigned int line;
	unsigned int pattern_line;
	const struct matcher *matcher; /* of the pattern; borrowed from the profiles */
};

enum rule_kind {
	RULE_ANY,
	RULE_ALL,
	RULE_ADMINISTRATOR, /* one person of a group whose role has approve */
	RULE_PEER,          /* count distinct people of a group */
	RULE_CUSTOMER,      /* the person named for a parameter's value */
	RULE_CONDITIONS,    /* hours, badge */
};

struct rule {
	char *name; /* of a named rule, or NULL */
	enum rule_kind kind;
	unsigned int line;
	struct rule **children;       /* any, all; ends with NULL; may be shared */
	char *group;                  /* administrator, peer */
	unsigned int count;           /* peer */
	char *customer_of;            /* customer: the parameter */
	struct hours *hours;          /* conditions; NULL if none */
	int64_t badge_within_seconds; /* conditions; 0 if none */
	unsigned int depth, size;     /* of the tree below and with it; both bounded */
};

struct provision {
	char *path;     /* of the roles made for sessions: "/jit/" */
	char *boundary; /* instead of the account's; or NULL */
};

#define PROFILE_DIGEST_SIZE 33 /* 32 hex digits and a NUL */

struct profile {
	char *name;
	char *summary;
	unsigned int line;
	const struct account *account;
	char *role;                  /* name of a role made beforehand, or NULL */
	struct provision *provision; /* or a role of its own per session */
	char **who;                  /* groups; ends with NULL */
	int64_t longest_seconds;
	int64_t usual_seconds;
	struct parameter *parameters;
	size_t parameter_count;
	struct rule *approval;
	struct scope *access; /* owned */
	/*
	 * A number of what is given and where: the account, the region, the role or
	 * how one is made, and the role's policy to the last condition, which words
	 * may leave out.
	 */
	char digest[PROFILE_DIGEST_SIZE];
};

struct profiles;

/*
 * Reads and checks path.  Returns 0 with *profiles holding one reference, and
 * any warnings in findings; or -errno with error holding the first error as
 * "FILE:LINE: ..." and all of them in findings.
 */
int profiles_load(const char *path, struct profiles **profiles, struct findings *findings,
		  struct error *error);

struct profiles *profiles_ref(struct profiles *profiles);
void profiles_unref(struct profiles *profiles); /* takes NULL; any thread */

static inline void profiles_unrefp(struct profiles **profiles)
{
	profiles_unref(*profiles);
	*profiles = NULL;
}

/* Each borrowed from profiles; NULL where there is none. */
const struct person *profiles_person(const struct profiles *profiles, const char *name);
const struct profile *profiles_profile(const struct profiles *profiles, const char *name);
const struct group *profiles_group(const struct profiles *profiles, const char *name);

/* The i-th person or profile in the file's order; NULL past the last. */
const struct person *profiles_person_at(const struct profiles *profiles, size_t i);
const struct profile *profiles_profile_at(const struct profiles *profiles, size_t i);
const struct account *profiles_account_at(const struct profiles *profiles, size_t i);

bool person_is_in(const struct person *person, const char *group);
bool person_may(const struct person *person, enum capability capability);

/* Whether the person is in one of profile->who and may ask at all. */
bool profile_may_be_asked_by(const struct profile *profile, const struct person *person);

/* Checks the value of one parameter by its name.  0 or error_set(). */
int profile_check_parameter(const struct profile *profile, const char *name,
			    const char *value, struct error *error);

/*
 * Checks that exactly the profile's parameters are given and each matches its
 * pattern.  names and values are parallel.  Returns 0 or error_set().
 */
int profile_check_parameters(const struct profile *profile, const char *const names[],
			     const char *const values[], size_t count,
			     struct error *error);

#endif
