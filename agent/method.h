/* SPDX-License-Identifier: MIT */
#ifndef AGENT_METHOD_H
#define AGENT_METHOD_H

#include <jansson.h>

#include "agent/call.h"

/*
 * The methods of io.jitctl.Agent and org.varlink.service: a row each, with its
 * parameters and what must hold before it is called.
 */
enum method_rule {
	METHOD_ENROLLED = 1 << 0, /* there is a broker and a device key */
	METHOD_UNLOCKED = 1 << 1, /* the master key is at hand */
	METHOD_MORE = 1 << 2,     /* only with "more" */
	METHOD_UPGRADE = 1 << 3,  /* only with "upgrade" */
};

struct method_parameter {
	const char *name;
	json_type type;
	bool is_optional;
};

#define METHOD_PARAMETERS_MAX 5

/*
 * Handles a call whose parameters are as the row says (an absent one may also
 * be null).  Returns 0 where the call was answered or will be, or a negative
 * errno with error filled: then the caller answers.
 */
typedef int method_handle(struct agent *agent, struct call *call, json_t *parameters,
			  struct error *error);

struct method {
	const char *name;
	struct method_parameter parameters[METHOD_PARAMETERS_MAX + 1];
	unsigned int rules;
	method_handle *handle;
};

/* All of them; ends with a NULL name. */
extern const struct method methods[];

/* Finds the method, checks the call against its row, and has it handled. */
void method_call(struct agent *agent, struct call *call, const char *name,
		 json_t *parameters);

/* The string of that name, or NULL where it is absent or null. */
const char *method_string(const json_t *parameters, const char *name);

/* Ends somebody else's: the broker knows whether the caller may revoke. */
int method_end_elsewhere(struct agent *agent, struct call *call, const char *id,
			 struct error *error);

method_handle method_get_info;
method_handle method_get_interface_description;
method_handle method_enroll;
method_handle method_profiles;
method_handle method_request;
method_handle method_pending;
method_handle method_decide;
method_handle method_status;
method_handle method_watch;
method_handle method_end;
method_handle method_lock;
method_handle method_unlock;
method_handle method_get_credentials;

#endif
