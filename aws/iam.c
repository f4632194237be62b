/* SPDX-License-Identifier: MIT */
#include "aws/iam.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/iam-call.h"
#include "aws/query.h"
#include "base/cleanup.h"

static int add_tags(struct buffer *form, const struct iam_new_role *role)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < role->tag_count; i++) {
		char name[48];

		snprintf(name, sizeof(name), "Tags.member.%zu.Key", i + 1);
		r = query_add(form, name, role->tags[i].key);
		snprintf(name, sizeof(name), "Tags.member.%zu.Value", i + 1);
		if (r == 0)
			r = query_add(form, name, role->tags[i].value);
	}
	return r;
}

int iam_create_role(struct iam *iam, const struct iam_new_role *role, struct error *error)
{
	scoped(buffer_done) struct buffer form = BUFFER_WITH_LIMIT(IAM_FORM_MAX);
	const struct iam_parameter parameters[] = {
		{ "RoleName", role->name },
		{ "Path", role->path },
		{ "AssumeRolePolicyDocument", role->trust_policy },
		{ "Description", role->description },
		{ "PermissionsBoundary", role->permissions_boundary },
		{ NULL, NULL },
	};
	int r = iam_form_begin(iam, &form, "CreateRole", parameters);

	if (r == 0 && role->longest_session_seconds > 0)
		r = query_add_integer(&form, "MaxSessionDuration",
				      role->longest_session_seconds);
	if (r == 0)
		r = add_tags(&form, role);
	if (r < 0)
		return error_set(error, ERROR_LIMIT, "too long a call of IAM");
	return iam_call(iam, &form, NULL, NULL, error);
}

int iam_delete_role(struct iam *iam, const char *name, struct error *error)
{
	const struct iam_parameter parameters[] = { { "RoleName", name },
						    { NULL, NULL } };

	return iam_call_action(iam, "DeleteRole", parameters, NULL, NULL, error);
}

int iam_put_role_policy(struct iam *iam, const char *role, const char *policy,
			const char *document, struct error *error)
{
	const struct iam_parameter parameters[] = { { "RoleName", role },
						    { "PolicyName", policy },
						    { "PolicyDocument", document },
						    { NULL, NULL } };

	return iam_call_action(iam, "PutRolePolicy", parameters, NULL, NULL, error);
}

int iam_delete_role_policy(struct iam *iam, const char *role, const char *policy,
			   struct error *error)
{
	const struct iam_parameter parameters[] = { { "RoleName", role },
						    { "PolicyName", policy },
						    { NULL, NULL } };

	return iam_call_action(iam, "DeleteRolePolicy", parameters, NULL, NULL, error);
}

static int hex_digit(char letter)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = letter ? strchr(digits, letter) : NULL;

	return at ? (int)((at - digits) % 16) : -1;
}

/* AWS answers with the document percent-encoded, others with it as it is. */
static void decode_in_place(char *text)
{
	char *out = text;

	if (*text != '%')
		return;
	while (*text) {
		int high = *text == '%' ? hex_digit(text[1]) : -1;
		int low = high >= 0 ? hex_digit(text[2]) : -1;

		if (low >= 0)
			*out++ = (char)(high * 16 + low);
		else
			*out++ = *text;
		text += low >= 0 ? 3 : 1;
	}
	*out = '\0';
}

struct document_reading {
	const char *names; /* the end of its path */
	char *document;
};

static int take_document(void *data, const char *path, const char *text)
{
	struct document_reading *reading = data;

	if (!xml_path_ends(path, reading->names) || reading->document)
		return 0;
	reading->document = strdup(text);
	if (!reading->document)
		return -ENOMEM;
	decode_in_place(reading->document);
	return 0;
}

static int get_document(struct iam *iam, const char *action,
			const struct iam_parameter *parameters, const char *names,
			char **document, struct error *error)
{
	struct document_reading reading = { names, NULL };
	int r = iam_call_action(iam, action, parameters, take_document, &reading, error);

	if (r < 0) {
		free(reading.document);
		return r;
	}
	if (!reading.document)
		return error_set(error, ERROR_UNREACHABLE, "the answer of IAM has no %s",
				 strrchr(names, '/') + 1);
	*document = reading.document;
	return 0;
}

int iam_get_role_policy(struct iam *iam, const char *role, const char *policy,
			char **document, struct error *error)
{
	const struct iam_parameter parameters[] = { { "RoleName", role },
						    { "PolicyName", policy },
						    { NULL, NULL } };

	return get_document(iam, "GetRolePolicy", parameters,
			    "GetRolePolicyResult/PolicyDocument", document, error);
}

int iam_get_role_trust(struct iam *iam, const char *name, char **document,
		       struct error *error)
{
	const struct iam_parameter parameters[] = { { "RoleName", name },
						    { NULL, NULL } };

	return get_document(iam, "GetRole", parameters, "Role/AssumeRolePolicyDocument",
			    document, error);
}

static int take_arn(void *data, const char *path, const char *text)
{
	char *arn = data;

	if (arn && xml_path_ends(path, "OpenIDConnectProviderArn") &&
	    strlen(text) < IAM_ARN_SIZE)
		memcpy(arn, text, strlen(text) + 1);
	return 0;
}

int iam_create_oidc_provider(struct iam *iam, const char *url, const char *audience,
			     const char *thumbprint, char arn[IAM_ARN_SIZE],
			     struct error *error)
{
	const struct iam_parameter parameters[] = { { "Url", url },
						    { "ClientIDList.member.1", audience },
						    { "ThumbprintList.member.1",
						      thumbprint },
						    { NULL, NULL } };

	if (arn)
		arn[0] = '\0';
	return iam_call_action(iam, "CreateOpenIDConnectProvider", parameters, take_arn,
			       arn, error);
}
