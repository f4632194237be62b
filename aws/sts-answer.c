/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "aws/query.h"
#include "aws/sts.h"
#include "aws/xml.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"

#define KEY_LEAST 16

void sts_credentials_wipe(struct sts_credentials *credentials)
{
	explicit_bzero(credentials, sizeof(*credentials));
}

/* Printable ASCII that means itself inside a JSON string. */
static bool is_plain(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~' || *text == '"' || *text == '\\')
			return false;
	return true;
}

static const char *find_flaw(const struct sts_credentials *credentials)
{
	if (strlen(credentials->access_key_id) < KEY_LEAST ||
	    !is_plain(credentials->access_key_id))
		return "has no proper AccessKeyId";
	if (strlen(credentials->secret_access_key) < KEY_LEAST ||
	    !is_plain(credentials->secret_access_key))
		return "has no proper SecretAccessKey";
	if (!credentials->session_token[0] || !is_plain(credentials->session_token))
		return "has no proper SessionToken";
	return NULL;
}

static int refuse(struct error *error, const char *words)
{
	return error_set(error, ERROR_UNREACHABLE, "the answer of STS %s", words);
}

static int read_credentials(const char *body, size_t length,
			    struct sts_credentials *credentials, struct error *error)
{
	struct error why = { .kind = ERROR_NONE };
	char expiration[64] = "";
	const struct xml_field fields[] = {
		{ "Credentials/AccessKeyId", credentials->access_key_id, STS_KEY_SIZE },
		{ "Credentials/SecretAccessKey", credentials->secret_access_key,
		  STS_KEY_SIZE },
		{ "Credentials/SessionToken", credentials->session_token,
		  STS_TOKEN_SIZE },
		{ "Credentials/Expiration", expiration, sizeof(expiration) },
		{ NULL, NULL, 0 },
	};
	const char *flaw;

	if (xml_read_fields(body, length, fields, &why) < 0)
		return refuse(error, why.text);
	flaw = find_flaw(credentials);
	if (flaw)
		return refuse(error, flaw);
	if (time_parse(expiration, &credentials->expires_at_seconds) < 0)
		return refuse(error, "has no proper Expiration");
	return 0;
}

static int read_refusal(int status, const char *body, size_t length,
			struct sts_outcome *outcome, bool *should_retry,
			struct error *error)
{
	struct query_refusal refusal;

	query_refusal_read(status, body, length, &refusal);
	memcpy(outcome->code, refusal.code, sizeof(outcome->code));
	*should_retry = refusal.action == QUERY_RETRY;
	if (refusal.action == QUERY_RETRY)
		outcome->retry_seconds = 5;
	else if (refusal.action == QUERY_NEW_TOKEN)
		outcome->retry_seconds = 1;
	return query_refusal_error("STS", status, &refusal, error);
}

int sts_read_answer(int status, const char *body, size_t length,
		    struct sts_credentials *credentials, struct sts_outcome *outcome,
		    bool *should_retry, struct error *error)
{
	scoped(sts_credentials_wipe) struct sts_credentials read = {
		.expires_at_seconds = 0
	};
	int r;

	*should_retry = false;
	outcome->retry_seconds = -1;
	outcome->code[0] = '\0';
	if (status != 200)
		return read_refusal(status, body, length, outcome, should_retry, error);
	r = read_credentials(body, length, &read, error);
	if (r == 0)
		*credentials = read;
	return r;
}
