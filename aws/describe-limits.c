/* SPDX-License-Identifier: MIT */
#include "aws/describe-limits.h"

#include <string.h>

#include "aws/endpoint.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/text.h"

/* What AWS says of a Deny, and how it begins and ends where an Allow is missing. */
#define DENIED "with an explicit deny in an identity-based policy"
#define NOT_ALLOWED "because no "
#define NOT_ALLOWED_END "allows the " DESCRIBE_LIMITS_ACTION " action"

/* "com.amazon.coral.service#AccessDeniedException" */
static const char *code_of(const json_t *answer)
{
	const char *type = json_string_value(json_object_get(answer, "__type"));
	const char *hash = type ? strrchr(type, '#') : NULL;

	return hash ? hash + 1 : type ? type : "";
}

static const char *message_of(const json_t *answer)
{
	const char *message = json_string_value(json_object_get(answer, "message"));

	if (!message)
		message = json_string_value(json_object_get(answer, "Message"));
	return message ? message : "";
}

static enum limits_answer read_message(const char *message)
{
	const char *lacks = strstr(message, NOT_ALLOWED);
	bool is_denied = strstr(message, DENIED) &&
			 strstr(message, DESCRIBE_LIMITS_ACTION);
	bool is_not_allowed = lacks && strstr(lacks, NOT_ALLOWED_END);

	if (is_denied == is_not_allowed)
		return LIMITS_UNCLEAR;
	return is_denied ? LIMITS_DENIED : LIMITS_NOT_ALLOWED;
}

/* A page of somebody else's with status 200 is no answer. */
static bool has_limits(const json_t *answer)
{
	return json_is_integer(json_object_get(answer, "AccountMaxReadCapacityUnits"));
}

/* What comes before it is who asks, and long. */
static const char *shorten(const char *message)
{
	const char *rest = strstr(message, "not authorized to perform");

	return rest ? rest : message;
}

enum limits_answer limits_read_answer(int status, const char *body, size_t length,
				      struct error *error)
{
	json_auto_t *answer = json_parse_object(body, length, NULL);
	const char *code = code_of(answer), *message = message_of(answer);

	if (status == 200 && has_limits(answer))
		return LIMITS_ALLOWED;
	if (!*code) {
		error_set(error, ERROR_UNREACHABLE,
			  "DynamoDB answered with status %d and no reason", status);
		return LIMITS_LOST;
	}
	error_set(error, ERROR_REFUSED_BY_AWS, "DynamoDB refused: %s%s%s",
		  TEXT_ESCAPED(code), *message ? ": " : "",
		  TEXT_ESCAPED(shorten(message)));
	if (status >= 500 || strncmp(code, "Throttl", 7) == 0)
		return LIMITS_LOST;
	return status == 400 && strcmp(code, "AccessDeniedException") == 0
		   ? read_message(message)
		   : LIMITS_UNCLEAR;
}

enum limits_answer limits_ask(struct http *http, const struct limits_request *request,
			      struct error *error)
{
	static const char *const headers[] = {
		"Content-Type: application/x-amz-json-1.0",
		"X-Amz-Target: DynamoDB_20120810.DescribeLimits", NULL
	};
	scoped(http_answer_done) struct http_answer answer = HTTP_ANSWER_INIT;
	const struct sts_credentials *keys = request->credentials;
	const struct http_signing signing = {
		.region = request->region,
		.service = "dynamodb",
		.access_key_id = keys->access_key_id,
		.secret_access_key = keys->secret_access_key,
		.session_token = keys->session_token,
	};
	struct endpoint endpoint = { .url = "" };
	struct http_request call = {
		.method = "POST",
		.url = request->url,
		.headers = headers,
		.body = "{}",
		.body_length = 2,
		.ca_file = request->ca_file,
		.signing = &signing,
		.deadline_ms = request->deadline_ms,
		.stop = request->stop,
	};

	if (endpoint_dynamodb(request->region, &endpoint, error) < 0)
		return LIMITS_UNCLEAR;
	if (!request->url || !*request->url)
		call.url = endpoint.url;
	if (http_call(http, &call, &answer, error) < 0)
		return LIMITS_LOST;
	return limits_read_answer(answer.status, answer.body.bytes, answer.body.used,
				  error);
}
