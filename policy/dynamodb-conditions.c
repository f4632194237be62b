/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "policy/document.h"
#include "policy/dynamodb.h"

static bool has_wildcard(const struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		if (strpbrk(words->list[i], "*?"))
			return true;
	return false;
}

static json_t *texts_of(const char *const *texts)
{
	json_t *list = json_array();

	for (; list && *texts; texts++)
		if (json_array_append_new(list, json_string(*texts)) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}

/*
 * ForAllValues is true of an empty set, so each such condition comes with a
 * Null that wants the key to be there.
 */
static int add_rows(json_t *condition, const struct dynamodb_access *access)
{
	int r;

	if (access->leading_keys.count == 0)
		return 0;
	r = document_condition(
	    condition,
	    has_wildcard(&access->leading_keys) ? "ForAllValues:StringLike"
						: "ForAllValues:StringEquals",
	    "dynamodb:LeadingKeys", document_texts(&access->leading_keys));
	return r < 0 ? r
		     : document_condition(condition, "Null", "dynamodb:LeadingKeys",
					  json_string("false"));
}

/* Select and ReturnValues would hand out whole items whatever was named. */
static int add_columns(json_t *condition, const struct dynamodb_access *access,
		       bool wants_select)
{
	static const char *const harmless[] = { "NONE", "UPDATED_OLD", "UPDATED_NEW",
						NULL };
	bool is_allow_list = access->attributes.count > 0;
	int r;

	if (!is_allow_list && access->except_attributes.count == 0)
		return 0;
	r = document_condition(
	    condition,
	    is_allow_list ? "ForAllValues:StringEquals" : "ForAllValues:StringNotEquals",
	    "dynamodb:Attributes",
	    document_texts(is_allow_list ? &access->attributes
					 : &access->except_attributes));
	if (r == 0)
		r = document_condition(condition, "Null", "dynamodb:Attributes",
				       json_string("false"));
	if (r == 0)
		r = document_condition(
		    condition, wants_select ? "StringEquals" : "StringEqualsIfExists",
		    "dynamodb:Select", json_string("SPECIFIC_ATTRIBUTES"));
	if (r == 0)
		r = document_condition(condition, "StringEqualsIfExists",
				       "dynamodb:ReturnValues", texts_of(harmless));
	return r;
}

static int add_operations(json_t *condition, const struct dynamodb_access *access,
			  unsigned int keys)
{
	static const char *const transactions[] = { "TransactGetItems",
						    "TransactWriteItems",
						    "ExecuteTransaction", NULL };
	int r = 0;

	if (!access->transactions && keys & KEY_ENCLOSING_OPERATION)
		r = document_condition(condition, "StringNotEquals",
				       "dynamodb:EnclosingOperation",
				       texts_of(transactions));
	if (r == 0 && !access->full_table_scan && keys & KEY_FULL_TABLE_SCAN)
		r = document_condition(condition, "BoolIfExists",
				       "dynamodb:FullTableScan", json_string("false"));
	return r;
}

/*
 * GetItem and Query always carry Select: AWS says so.  Of a PartiQL statement
 * nobody says what it carries, and SELECT * names no attribute: so without a
 * Select it is not let through where columns matter.
 */
bool dynamodb_wants_select(const struct dynamodb_access *access,
			   const struct dynamodb_action *action)
{
	return !access->is_deny && strcmp(action->name, "PartiQLSelect") == 0 &&
	       access->attributes.count + access->except_attributes.count > 0;
}

int dynamodb_conditions(const struct dynamodb_access *access, unsigned int keys,
			bool wants_select, json_t *condition)
{
	int r = add_rows(condition, access);

	if (r == 0)
		r = add_columns(condition, access, wants_select);
	if (r == 0)
		r = add_operations(condition, access, keys);
	return r;
}
