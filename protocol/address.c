/* SPDX-License-Identifier: MIT */
#include "protocol/address.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define NAME "jit-agent"

/* Lends the environment's text. */
static int find_runtime(const char **runtime, struct error *error)
{
	*runtime = secure_getenv("XDG_RUNTIME_DIR");
	if (*runtime && **runtime == '/')
		return 0;
	return error_set(error, ERROR_NO_AGENT,
			 "XDG_RUNTIME_DIR is not set, so there is no place for the "
			 "agent's socket; set JIT_AGENT_SOCKET or log in with a user "
			 "session");
}

/* Allocates and formats nothing: jit-credentials would pay for the start of both. */
int address_of_socket(struct sockaddr_un *address, struct error *error)
{
	const char *path = secure_getenv("JIT_AGENT_SOCKET");
	const char *rest = "";
	size_t length, rest_length;

	if (!path || !*path) {
		int r = find_runtime(&path, error);

		if (r < 0)
			return r;
		rest = "/" NAME "/agent.sock";
	}
	length = strlen(path);
	rest_length = strlen(rest);
	if (path[0] != '/' || length + rest_length >= sizeof(address->sun_path))
		return error_set(error, ERROR_USAGE,
				 "the agent's socket must be an absolute path of at "
				 "most %zu bytes",
				 sizeof(address->sun_path) - 1);
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(address->sun_path, path, length);
	memcpy(address->sun_path + length, rest, rest_length + 1);
	return 0;
}

int address_of_runtime(char **path, struct error *error)
{
	const char *runtime;
	int r = find_runtime(&runtime, error);

	if (r < 0)
		return r;
	if (asprintf(path, "%s/" NAME, runtime) < 0)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return 0;
}

/* $VARIABLE/rest, or ~/otherwise/rest, as the XDG base directories have it. */
static int below(char **path, const char *variable, const char *otherwise,
		 const char *rest, struct error *error)
{
	const char *base = secure_getenv(variable);
	const char *home = secure_getenv("HOME");
	char *result;
	int r;

	if (base && base[0] == '/')
		r = asprintf(&result, "%s/%s", base, rest);
	else if (home && home[0] == '/')
		r = asprintf(&result, "%s/%s/%s", home, otherwise, rest);
	else
		return error_set(error, ERROR_USAGE, "neither %s nor HOME is set",
				 variable);
	if (r < 0)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	*path = result;
	return 0;
}

int address_of_config(char **path, struct error *error)
{
	return below(path, "XDG_CONFIG_HOME", ".config", NAME "/agent.conf", error);
}

int address_of_state(char **path, struct error *error)
{
	return below(path, "XDG_STATE_HOME", ".local/state", NAME, error);
}

/* A leading ~ is the home, as the SDKs read these two variables. */
static int of_aws(char **path, const char *variable, const char *name,
		  struct error *error)
{
	const char *named = secure_getenv(variable);
	const char *home = secure_getenv("HOME");
	bool in_home = !named || !*named || strncmp(named, "~/", 2) == 0;
	const char *rest = !named || !*named ? name : in_home ? named + 2 : named;
	char *result;
	int r;

	if (in_home && (!home || home[0] != '/'))
		return error_set(error, ERROR_USAGE, "neither %s nor HOME is set",
				 variable);
	r = asprintf(&result, "%s%s%s", in_home ? home : "", in_home ? "/" : "", rest);
	if (r < 0)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	*path = result;
	return 0;
}

int address_of_aws_config(char **path, struct error *error)
{
	return of_aws(path, "AWS_CONFIG_FILE", ".aws/config", error);
}

int address_of_aws_credentials(char **path, struct error *error)
{
	return of_aws(path, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials", error);
}

bool address_has_aws_keys(void)
{
	const char *key = secure_getenv("AWS_ACCESS_KEY_ID");

	return key && *key;
}
