/* SPDX-License-Identifier: MIT */
#ifndef POLICY_SERVICE_H
#define POLICY_SERVICE_H

#include <jansson.h>

#include "base/buffer.h"
#include "policy/meaning.h"
#include "policy/policy.h"
#include "policy/scope.h"

/*
 * An AWS service whose access can be written in words.  A new one is a file
 * with one struct service and its line in service.c's table; the rest of
 * policy/ knows services by this interface only.
 */

/* How much of a statement goes into a document. */
enum detail {
	DETAIL_ALL,
	DETAIL_NO_CONDITIONS, /* allows without their conditions, no denies */
	DETAIL_ENDPOINT,      /* as seen by a VPC endpoint: actions and resources */
};

struct service {
	const char *name; /* the key in `access:` */

	/* Reads what stands behind the key.  NULL after telling the report. */
	void *(*parse)(struct scope *scope, bool is_deny, const struct value *value,
		       struct report *report);
	void (*free)(void *access); /* takes NULL */

	/* Appends IAM statements.  0 or -ENOMEM. */
	int (*compile)(const struct statement *statement, const struct place *place,
		       enum detail detail, json_t *out);

	/* "read items of orders".  0 or -ENOMEM, -EMSGSIZE. */
	int (*words)(const struct statement *statement, const struct binding *bindings,
		     size_t count, struct buffer *out);

	/*
	 * The line that allows that request, or with is_deny that denies it; 0
	 * where the statement does not.
	 */
	unsigned int (*covers)(const struct statement *statement, bool is_deny,
			       const struct place *place, const struct asked *asked);

	/*
	 * The words of what decides the request, where that may be less than the
	 * statement; NULL: as above.
	 */
	int (*decided_words)(const struct statement *statement, bool is_deny,
			     const struct asked *asked, struct buffer *out);

	/*
	 * The first part of a request that the statement does not allow, and that
	 * in words; *line is 0 where it allows nothing at all.
	 */
	enum part (*misfit)(const struct statement *statement, const struct place *place,
			    const struct asked *asked, unsigned int *line);
	int (*misfit_words)(const struct statement *statement, const struct asked *asked,
			    enum part part, struct buffer *out);

	/* Tells what is dangerous. */
	void (*lint)(const struct scope *scope, const struct statement *statement,
		     struct report *report);

	/* Whether some request is allowed by it; NULL: where it is no deny. */
	bool (*allows)(const struct statement *statement);

	/* The VPC endpoints that it is limited to; NULL or empty: none. */
	const struct words *(*endpoints)(const struct statement *statement);
};

extern const struct service service_dynamodb;
extern const struct service service_document;

/* The service of that name, or NULL. */
const struct service *service_find(const char *name);

/*
 * Puts the values of bindings in the place of ${NAME}, also where it stands as
 * its session tag.  0, -ENOMEM, -EMSGSIZE. */
int bind_text(const char *text, const struct binding *bindings, size_t count,
	      struct buffer *out);

#endif
