/* SPDX-License-Identifier: MIT */
#include "policy/policy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "policy/document.h"
#include "policy/service.h"

static int no_memory(struct error *error)
{
	error_set(error, ERROR_INTERNAL, "out of memory");
	return -ENOMEM;
}

/* Takes json over.  Refuses what is longer than most. */
static int finish(json_t *json, size_t most, const char *what, char **out,
		  struct error *error)
{
	size_t length = json ? document_length(json) : 0;
	char *text = json && length <= most ? json_text(json) : NULL;

	json_decref(json);
	if (length > most)
		return error_set(error, ERROR_LIMIT,
				 "%s of %zu characters; AWS takes %zu", what, length,
				 most);
	if (!text)
		return no_memory(error);
	*out = text;
	return 0;
}

static json_t *statements_of(const struct scope *scope, const struct place *place,
			     enum detail detail)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < scope->count; i++) {
		const struct statement *statement = &scope->statements[i];

		if (detail == DETAIL_NO_CONDITIONS && statement->is_deny)
			continue;
		if (statement->service->compile(statement, place, detail, list) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* Takes list over. */
static json_t *with_end(json_t *list, int64_t ends_at)
{
	if (list && ends_at > 0 &&
	    json_array_append_new(list, document_end(ends_at)) < 0) {
		json_decref(list);
		return NULL;
	}
	return list ? document_new(list) : NULL;
}

int policy_role(const struct scope *scope, const struct place *place, int64_t ends_at,
		char **json, struct error *error)
{
	return finish(with_end(statements_of(scope, place, DETAIL_ALL), ends_at),
		      POLICY_ROLE_MAX, "the role's policy is a text", json, error);
}

int policy_role_length(const struct scope *scope, const struct place *place,
		       int64_t ends_at, size_t *length)
{
	json_t *json = with_end(statements_of(scope, place, DETAIL_ALL), ends_at);

	if (!json)
		return -ENOMEM;
	*length = document_length(json);
	json_decref(json);
	return 0;
}

static json_t *everything(void)
{
	return json_pack("[{s:s, s:s, s:s}]", "Effect", "Allow", "Action", "*",
			 "Resource", "*");
}

int policy_session(const struct scope *scope, const struct place *place, int64_t ends_at,
		   char **json, struct error *error)
{
	int r = finish(with_end(statements_of(scope, place, DETAIL_ALL), ends_at),
		       POLICY_SESSION_MAX, "the session policy is a text", json, error);

	if (r == -EDQUOT)
		r = finish(
		    with_end(statements_of(scope, place, DETAIL_NO_CONDITIONS), ends_at),
		    POLICY_SESSION_MAX, "the session policy is a text", json, error);
	if (r == -EDQUOT)
		r = finish(with_end(everything(), ends_at), POLICY_SESSION_MAX,
			   "the session policy is a text", json, error);
	return r;
}

static char *arn_of(const struct place *place, const char *kind, const char *name)
{
	struct buffer arn = BUFFER_WITH_LIMIT(2048);

	if (buffer_print(&arn, "arn:%s:iam::%s:%s/%s", partition_of(place->region),
			 place->account_id, kind, name) < 0)
		buffer_done(&arn);
	return arn.bytes;
}

char *policy_role_arn(const struct place *place, const char *role)
{
	return arn_of(place, "role", role);
}

char *policy_managed_arn(const struct place *place, const char *policy)
{
	return arn_of(place, "policy", policy);
}

/* The provider's name in IAM: the issuer without its scheme. */
static const char *provider_of(const char *issuer)
{
	const char *host = strstr(issuer, "://");

	return host ? host + 3 : issuer;
}

/* One condition of the trust policy, whose key names the provider. */
static int add_claim(json_t *condition, const char *op, const char *provider,
		     const char *claim, json_t *value)
{
	struct buffer key = BUFFER_WITH_LIMIT(1024);
	int r = buffer_print(&key, "%s:%s", provider, claim);

	if (r == 0)
		r = document_condition(condition, op, key.bytes, value);
	else
		json_decref(value);
	buffer_done(&key);
	return r;
}

/* A name holds no wildcard, so that of one user is compared as it is. */
static int add_subject(json_t *condition, const struct trust *trust)
{
	const char *user = trust->user ? trust->user : "*";

	return add_claim(condition, trust->user ? "StringEquals" : "StringLike",
			 provider_of(trust->issuer), "sub",
			 json_sprintf("profile:%s:user:%s", trust->profile, user));
}

static json_t *trust_condition(const struct trust *trust)
{
	json_t *condition = json_object();
	int r = add_claim(condition, "StringEquals", provider_of(trust->issuer), "aud",
			  json_string("sts.amazonaws.com"));

	if (r == 0)
		r = add_subject(condition, trust);
	if (r == 0 && trust->request)
		r = document_condition(condition, "StringEquals",
				       "aws:RequestTag/jit_request",
				       json_string(trust->request));
	if (r == 0)
		return condition;
	json_decref(condition);
	return NULL;
}

int policy_trust(const struct trust *trust, const struct place *place, char **json,
		 struct error *error)
{
	json_t *provider = json_sprintf("arn:%s:iam::%s:oidc-provider/%s",
					partition_of(place->region), place->account_id,
					provider_of(trust->issuer));
	json_t *statements = json_pack("[{s:s, s:{s:o}, s:[s,s,s], s:o}]", "Effect",
				       "Allow", "Principal", "Federated", provider,
				       "Action", "sts:AssumeRoleWithWebIdentity",
				       "sts:TagSession", "sts:SetSourceIdentity",
				       "Condition", trust_condition(trust));

	return finish(statements ? document_new(statements) : NULL, POLICY_TRUST_MAX,
		      "the trust policy is a text", json, error);
}

/*
 * Whether a statement holds through that endpoint (NULL: any): one that is
 * limited to none holds through each.  Counts those that are limited to it.
 */
static bool is_through(const struct statement *statement, const char *endpoint,
		       size_t *named)
{
	const struct words *endpoints = statement->service->endpoints
					    ? statement->service->endpoints(statement)
					    : NULL;

	if (!endpoints || endpoints->count == 0)
		return true;
	if (endpoint && !words_have(endpoints, endpoint))
		return false;
	(*named)++;
	return true;
}

/* An endpoint's policy names who: this role's sessions and nobody else's. */
static int add_principal(json_t *statement, const char *role_arn)
{
	json_t *condition = json_object_get(statement, "Condition");

	if (!condition) {
		if (json_object_set_new(statement, "Condition", json_object()) < 0)
			return -ENOMEM;
		condition = json_object_get(statement, "Condition");
	}
	if (json_object_set_new(statement, "Principal", json_string("*")) < 0)
		return -ENOMEM;
	return document_condition(condition, "ArnLike", "aws:PrincipalArn",
				  json_string(role_arn));
}

int policy_endpoint(const struct scope *scope, const struct place *place,
		    const char *endpoint, const char *role_arn, char **json,
		    struct error *error)
{
	json_t *list = json_array(), *statement;
	size_t i, named = 0;
	int r = 0;

	for (i = 0; r == 0 && i < scope->count; i++)
		if (is_through(&scope->statements[i], endpoint, &named))
			r = scope->statements[i].service->compile(
			    &scope->statements[i], place, DETAIL_ENDPOINT, list);
	json_array_foreach(list, i, statement) if (r == 0)
	    r = add_principal(statement, role_arn);
	if (r == 0 && named > 0)
		return finish(document_new(list), POLICY_ENDPOINT_MAX,
			      "the endpoint's policy is a text", json, error);
	json_decref(list);
	if (r < 0)
		return no_memory(error);
	return error_set(error, ERROR_NOT_FOUND, "the profile names no VPC endpoint%s%s",
			 endpoint ? " " : "", endpoint ? endpoint : "");
}
