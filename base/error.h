/* SPDX-License-Identifier: MIT */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/*
 * Why an operation failed, in terms a caller can act on and a person can
 * read.  Functions return 0 or a negative errno; those whose failure someone
 * will be told about also take a "struct error *" as their last parameter.
 * It may be NULL.  It owns nothing, so it lives on the stack and is never
 * freed.  Never put a secret in one: errors are logged and sent to clients.
 *
 * One table maps a kind to its name in JSON, its Varlink error, its HTTP
 * status and the exit status of the program that met it.
 */
enum error_kind {
	ERROR_NONE,
	ERROR_INTERNAL,        /* our mistake, or no memory, disk full */
	ERROR_USAGE,           /* bad input: arguments, parameters, config */
	ERROR_NO_AGENT,        /* no jit-agent answers on the socket */
	ERROR_NOT_ENROLLED,    /* this agent has no broker yet */
	ERROR_LOCKED,          /* the master key isn't at hand */
	ERROR_NO_SESSION,      /* no live session: never asked, or ended */
	ERROR_PENDING,         /* asked, not approved yet */
	ERROR_DENIED,          /* an approver said no */
	ERROR_UNREACHABLE,     /* broker, STS or keyring does not answer */
	ERROR_REFUSED_BY_AWS,  /* STS or IAM said no */
	ERROR_FORBIDDEN,       /* the caller may not do that */
	ERROR_LIMIT,           /* too many, too long, too big */
	ERROR_NOT_FOUND,       /* no such profile, request, person */
	ERROR_UNAUTHENTICATED, /* the signature on a call is no good */
	ERROR_KINDS,
};

struct error {
	enum error_kind kind;
	char text[320]; /* one sentence, lower case, no full stop */
	char next[160]; /* the command to type next, or "" */
};

/*
 * Records kind and a one-line explanation, and returns the negative errno
 * that stands for kind, so that a failing function can simply
 *
 *	return error_set(error, ERROR_NOT_FOUND, "no profile named %s", name);
 *
 * A stranger's bytes go through text_escape() first.  Clears error->next.
 */
int error_set(struct error *error, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds the command to type next; call after error_set(). */
void error_next(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The sentence with its next step, "text; run: next", as a person reads it. */
const char *error_sentence(const struct error *error, char *out, unsigned long size);

/* "no-session": the kind in --json output; never NULL. */
const char *error_kind_name(enum error_kind kind);

/* The kind of that name; ERROR_INTERNAL for one we do not know. */
enum error_kind error_kind_from_name(const char *name);

/* "io.jitctl.Agent.NoSession": the Varlink error; never NULL. */
const char *error_wire_name(enum error_kind kind);

/* The kind with that wire name; ERROR_INTERNAL for one we do not know. */
enum error_kind error_from_wire_name(const char *name);

/* RFC 9110 status with which the broker answers; 200 for ERROR_NONE. */
int error_http_status(enum error_kind kind);

/* What a program exits with after an error of this kind. */
int error_exit_status(enum error_kind kind);

#endif
