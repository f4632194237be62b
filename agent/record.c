/* SPDX-License-Identifier: MIT */
#include "agent/record.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"

enum field_type {
	FIELD_TEXT,
	FIELD_NAME, /* text_is_name() */
	FIELD_ID,   /* id_is_valid() */
	FIELD_TIME, /* RFC 3339 in UTC */
	FIELD_INTEGER,
	FIELD_BOOLEAN,
	FIELD_WORDS,   /* array of strings */
	FIELD_MAP,     /* object of strings */
	FIELD_OBJECTS, /* array of objects by the table of parts */
	FIELD_OBJECT,  /* one object by it */
};

struct field {
	const char *name;
	enum field_type type;
	bool is_optional;
	const struct field *parts;
};

/* clang-format off */
static const struct field parameter_fields[] = {
	{ "name",    FIELD_TEXT, false, NULL },
	{ "pattern", FIELD_TEXT, false, NULL },
	{ "summary", FIELD_TEXT, false, NULL },
	{ .name = NULL },
};

static const struct field profile_fields[] = {
	{ "name",            FIELD_NAME,    false, NULL },
	{ "summary",         FIELD_TEXT,    false, NULL },
	{ "account_id",      FIELD_TEXT,    false, NULL },
	{ "longest_seconds", FIELD_INTEGER, false, NULL },
	{ "usual_seconds",   FIELD_INTEGER, false, NULL },
	{ "may_ask",         FIELD_BOOLEAN, false, NULL },
	{ "approval",        FIELD_TEXT,    false, NULL },
	{ "parameters",      FIELD_OBJECTS, false, parameter_fields },
	{ .name = NULL },
};

static const struct field decision_fields[] = {
	{ "user",    FIELD_TEXT, false, NULL },
	{ "verdict", FIELD_TEXT, false, NULL },
	{ "at",      FIELD_TIME, false, NULL },
	{ "reason",  FIELD_TEXT, true,  NULL },
	{ .name = NULL },
};

static const struct field session_fields[] = {
	{ "account_id",  FIELD_TEXT,  false, NULL },
	{ "role_arn",    FIELD_TEXT,  false, NULL },
	{ "region",      FIELD_TEXT,  false, NULL },
	{ "approved_by", FIELD_WORDS, false, NULL },
	{ "approved_at", FIELD_TIME,  false, NULL },
	{ "ends_at",     FIELD_TIME,  false, NULL },
	{ "ended_at",    FIELD_TIME,  true,  NULL },
	{ "end_reason",  FIELD_TEXT,  true,  NULL },
	{ "proof",       FIELD_TEXT,  true,  NULL },
	{ "dead_after_seconds", FIELD_INTEGER, true, NULL },
	{ .name = NULL },
};

static const struct field account_fields[] = {
	{ "name",   FIELD_TEXT, false, NULL },
	{ "id",     FIELD_TEXT, false, NULL },
	{ "region", FIELD_TEXT, false, NULL },
	{ .name = NULL },
};

static const struct field request_fields[] = {
	{ "id",               FIELD_ID,      false, NULL },
	{ "user",             FIELD_TEXT,    false, NULL },
	{ "profile",          FIELD_NAME,    false, NULL },
	{ "parameters",       FIELD_MAP,     false, NULL },
	{ "state",            FIELD_TEXT,    false, NULL },
	{ "reason",           FIELD_TEXT,    false, NULL },
	{ "duration_seconds", FIELD_INTEGER, false, NULL },
	{ "requested_at",     FIELD_TIME,    false, NULL },
	{ "expires_at",       FIELD_TIME,    false, NULL },
	{ "still_needed",     FIELD_WORDS,   false, NULL },
	{ "access",           FIELD_WORDS,   false, NULL },
	{ "account",          FIELD_OBJECT,  true,  account_fields },
	{ "decisions",        FIELD_OBJECTS, false, decision_fields },
	{ "session",          FIELD_OBJECT,  true,  session_fields },
	{ .name = NULL },
};
/* clang-format on */

static json_t *copy_fields(json_t *json, const struct field *fields, const char **wrong);

static bool are_strings(json_t *json)
{
	const char *key;
	json_t *value;
	size_t i;

	json_array_foreach(json, i, value) if (!json_is_string(value)) return false;
	json_object_foreach(json, key, value) if (!json_is_string(value)) return false;
	return true;
}

static bool is_time(const char *text)
{
	int64_t seconds;

	return time_parse(text, &seconds) == 0;
}

/* Whether a field that has no parts is of its type. */
static bool fits(json_t *value, enum field_type type)
{
	const char *text = json_string_value(value);

	switch (type) {
	case FIELD_TEXT:
		return text != NULL;
	case FIELD_NAME:
		return text && text_is_name(text);
	case FIELD_ID:
		return text && id_is_valid('r', text);
	case FIELD_TIME:
		return text && is_time(text);
	case FIELD_INTEGER:
		return json_is_integer(value);
	case FIELD_BOOLEAN:
		return json_is_boolean(value);
	case FIELD_WORDS:
		return json_is_array(value) && are_strings(value);
	case FIELD_MAP:
		return json_is_object(value) && are_strings(value);
	case FIELD_OBJECTS:
	case FIELD_OBJECT:
		break;
	}
	return false;
}

static json_t *copy_objects(json_t *array, const struct field *parts, const char **wrong)
{
	json_t *copies = json_is_array(array) ? json_array() : NULL, *value;
	size_t i;

	json_array_foreach(array, i, value)
	{
		json_t *copy = copies ? copy_fields(value, parts, wrong) : NULL;

		if (!copy || json_array_append_new(copies, copy) < 0) {
			json_decref(copies);
			return NULL;
		}
	}
	return copies;
}

static json_t *copy_value(json_t *value, const struct field *field, const char **wrong)
{
	if (field->type == FIELD_OBJECTS)
		return copy_objects(value, field->parts, wrong);
	if (field->type == FIELD_OBJECT)
		return copy_fields(value, field->parts, wrong);
	return fits(value, field->type) ? json_incref(value) : NULL;
}

static json_t *copy_fields(json_t *json, const struct field *fields, const char **wrong)
{
	json_t *copy = json_is_object(json) ? json_object() : NULL;

	for (; copy && fields->name; fields++) {
		json_t *value = json_object_get(json, fields->name);

		if (fields->is_optional && (!value || json_is_null(value)))
			continue;
		value = copy_value(value, fields, wrong);
		if (!value || json_object_set_new(copy, fields->name, value) < 0) {
			if (!*wrong)
				*wrong = fields->name;
			json_decref(copy);
			return NULL;
		}
	}
	return copy;
}

static json_t *copy_record(json_t *json, const struct field *fields, struct error *error)
{
	const char *wrong = NULL;
	json_t *copy = copy_fields(json, fields, &wrong);

	if (!copy)
		error_set(
		    error, ERROR_INTERNAL,
		    "the broker's answer makes no sense: \"%s\" is missing or wrong",
		    wrong ? wrong : "the object");
	return copy;
}

json_t *record_request(json_t *json, struct error *error)
{
	return copy_record(json, request_fields, error);
}

json_t *record_profile(json_t *json, struct error *error)
{
	return copy_record(json, profile_fields, error);
}

json_t *record_list(json_t *answer, const char *key,
		    json_t *(*record)(json_t *json, struct error *error),
		    struct error *error)
{
	json_t *array = json_object_get(answer, key), *list = json_array(), *value;
	size_t i;

	if (!json_is_array(array)) {
		error_set(error, ERROR_INTERNAL,
			  "the broker's answer makes no sense: it has no \"%s\"", key);
		json_decref(list);
		return NULL;
	}
	json_array_foreach(array, i, value)
	{
		json_t *copy = record(value, error);

		if (!copy || json_array_append_new(list, copy) < 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

const char *record_string(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text ? text : "";
}

int64_t record_time(const json_t *record, const char *key)
{
	int64_t seconds;

	return time_parse(record_string(record, key), &seconds) == 0 ? seconds
								     : INT64_MIN;
}
