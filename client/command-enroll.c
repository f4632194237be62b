/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "client/call.h"
#include "client/commands.h"
#include "client/output.h"
#include "client/prompt.h"

const struct option_rule options_enroll[] = {
	{ "broker", "URL", "the broker, https://HOST" },
	{ "code", "CODE", "the one-time code that its administrator gave you" },
	{ "keystore", "secret-service|passphrase|memory", "who keeps the master key" },
	{ "ca-file", "FILE", "certificates to trust instead of the system's" },
	{ NULL, NULL, NULL },
};

#define CODE_SIZE 10 /* "7H2K-93QF" and its NUL */

/* As people type it: "7h2k93qf", "7H2K 93QF". */
static int read_code(const char *text, char code[static CODE_SIZE], struct error *error)
{
	size_t used = 0;

	for (; *text && used < CODE_SIZE - 1; text++) {
		if (*text == '-' || *text == ' ')
			continue;
		if (!isalnum((unsigned char)*text))
			break;
		if (used == 4)
			code[used++] = '-';
		code[used++] = (char)toupper((unsigned char)*text);
	}
	code[used] = '\0';
	if (used != CODE_SIZE - 1 || *text)
		return error_set(error, ERROR_USAGE,
				 "a code looks like 7H2K-93QF, this one does not");
	return 0;
}

static bool is_loopback(const char *host, size_t length)
{
	static const char *const names[] = { "localhost", "127.0.0.1", "[::1]" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == length && strncmp(host, names[i], length) == 0)
			return true;
	return false;
}

static size_t host_length(const char *host)
{
	return host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
}

/* The agent checks it again; here the person learns it before the code is used. */
static int check_url(const char *url, struct error *error)
{
	const char *host = NULL;

	if (strncmp(url, "https://", 8) == 0)
		host = url + 8;
	else if (strncmp(url, "http://", 7) == 0 &&
		 is_loopback(url + 7, host_length(url + 7)))
		host = url + 7;
	if (!host || !*host || *host == '/' || strpbrk(url, " \t\n@?#"))
		return error_set(error, ERROR_USAGE,
				 "'%s' is no broker's address; it is https://HOST, or "
				 "http://127.0.0.1:PORT on this machine",
				 TEXT_ESCAPED(url));
	return 0;
}

static int check_options(const struct options *options, char code[static CODE_SIZE],
			 struct error *error)
{
	const char *broker, *keystore, *given = option_value(options, "code");
	int r = option_text(options, "broker", &broker, error);

	if (r == 0)
		r = option_text(options, "keystore", &keystore, error);
	if (r == 0 && (!broker || !given)) {
		(void)error_set(error, ERROR_USAGE,
				"enroll needs --broker URL and --code CODE");
		error_next(error, "jitctl enroll --help");
		return -EINVAL;
	}
	if (r == 0)
		r = check_url(broker, error);
	if (r == 0)
		r = read_code(given, code, error);
	if (r < 0)
		error_next(error, "jitctl enroll --help");
	return r;
}

/* The agent has its own working directory, so it gets the whole path. */
static int absolute_path(const char *path, char **absolute, struct error *error)
{
	if (!path)
		return 0;
	*absolute = realpath(path, NULL);
	if (*absolute && text_is_utf8(*absolute))
		return 0;
	if (*absolute)
		return error_set(error, ERROR_USAGE, "--ca-file %s is not UTF-8",
				 TEXT_ESCAPED(*absolute));
	return error_set(error, ERROR_USAGE, "--ca-file %s cannot be found",
			 TEXT_ESCAPED(path));
}

static json_t *parameters_of(const struct options *options, const char *code,
			     const char *ca_file, const char *passphrase)
{
	return json_pack("{s:s, s:s, s:s*, s:s*, s:s*}", "broker",
			 option_value(options, "broker"), "code", code, "keystore",
			 option_value(options, "keystore"), "ca_file", ca_file,
			 "passphrase", *passphrase ? passphrase : NULL);
}

static int enroll(const struct options *options, const char *code, json_t **reply,
		  struct error *error)
{
	const char *keystore = option_value(options, "keystore");
	char passphrase[PASSPHRASE_SIZE] = "";
	scoped(freep) char *ca_file = NULL;
	json_t *parameters;
	int r = absolute_path(option_value(options, "ca-file"), &ca_file, error);

	if (r == 0 && keystore && strcmp(keystore, "passphrase") == 0)
		r = prompt_passphrase(true, passphrase, error);
	if (r < 0)
		return r;
	parameters = parameters_of(options, code, ca_file, passphrase);
	explicit_bzero(passphrase, sizeof(passphrase));
	return call_agent("Enroll", parameters, CALL_SLOW_SECONDS, reply, error);
}

int command_enroll(const struct options *options, struct error *error)
{
	json_auto_t *reply = NULL;
	scoped(freep) char *user = NULL;
	scoped(freep) char *keystore = NULL;
	char code[CODE_SIZE];
	int r = check_options(options, code, error);

	if (r == 0)
		r = enroll(options, code, &reply, error);
	if (r < 0)
		return r;
	if (options->json)
		return output_json(json_incref(reply), error);
	user = escaped_copy(member_text(reply, "user"));
	keystore = escaped_copy(member_text(reply, "keystore"));
	if (user && keystore)
		printf("enrolled as %s; the master key is kept by %s\n", user, keystore);
	return 0;
}
