/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "client/output.h"
#include "client/show.h"
#include "client/table.h"
#include "client/wait.h"
#include "client/words.h"

#define NOW 1764000000 /* 2025-11-24T16:00:00Z */

static json_t *parse(const char *text)
{
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(json);
	return json;
}

static void check(char *got, const char *wanted)
{
	assert_non_null(got);
	assert_string_equal(got, wanted);
	free(got);
}

static void test_spans_are_said_in_their_two_largest_units(void **state)
{
	(void)state;
	check(words_span(-5), "0 s");
	check(words_span(59), "59 s");
	check(words_span(60), "1 min");
	check(words_span(80), "1 min 20 s");
	check(words_span(3600 + 59), "1 h");
	check(words_span(5400), "1 h 30 min");
	check(words_span(90061), "1 d 1 h");
}

static void test_an_end_is_said_with_its_hour_and_its_day_if_it_is_another(void **state)
{
	(void)state;
	check(words_until("ends", "ended", NOW + 2520, NOW), "ends in 42 min, 16:42");
	check(words_until("ends", "ended", NOW + 86400, NOW),
	      "ends in 1 d, 2025-11-25 16:00");
	check(words_until("ends", "ended", NOW - 3, NOW), "ended 3 s ago");
}

static void test_parameters_are_read_strictly(void **state)
{
	static const struct {
		char *word;
		const char *text;
	} wrong[] = {
		{ "acme", "'acme' is no NAME=VALUE" },
		{ "=acme", "'=acme' has no name before its =" },
		{ "a b=c", "'a b=c' has no name before its =" },
		{ "tenant=\xff", "the value of tenant is not UTF-8" },
	};
	char *good[] = { "tenant=acme", "query=a=b", "empty=" };
	char *twice[] = { "tenant=a", "tenant=b" };
	json_auto_t *parameters = words_parameters(good, 3, NULL);
	struct error error;

	(void)state;
	assert_string_equal(member_text(parameters, "tenant"), "acme");
	assert_string_equal(member_text(parameters, "query"), "a=b");
	assert_string_equal(member_text(parameters, "empty"), "");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char *word[] = { wrong[i].word };

		assert_null(words_parameters(word, 1, &error));
		assert_int_equal(error.kind, ERROR_USAGE);
		assert_string_equal(error.text, wrong[i].text);
	}
	assert_null(words_parameters(twice, 2, &error));
	assert_string_equal(error.text, "tenant is given twice");
}

static void test_width_is_counted_in_places_on_the_screen(void **state)
{
	(void)state;
	assert_int_equal(text_width("abc"), 3);
	assert_int_equal(text_width("Größe"), 5);
	assert_int_equal(text_width("顧客"), 4);
	assert_int_equal(text_width("e\u0301"), 1);
	assert_int_equal(text_width("\xff!"), 2);
}

static void test_columns_line_up_whatever_the_letters(void **state)
{
	static const char *const headings[] = { "WHO", "WHAT", "WHY", NULL };
	scoped(table_done) struct table table = table_new(headings);
	scoped(freep) char *text = NULL;
	size_t length;
	FILE *file = open_memstream(&text, &length);

	(void)state;
	table_print(&table, file);
	table_add(&table, (char *[]){ strdup("顧客"), strdup("x"), strdup("because") });
	table_add(&table, (char *[]){ strdup("Jörg"), NULL, strdup("y") });
	table_print(&table, file);
	fclose(file);
	assert_string_equal(text, "WHO   WHAT  WHY\n"
				  "顧客  x     because\n"
				  "Jörg        y\n");
}

static const char status_text[] =
    "{\"agent\":{\"version\":\"0.1.0\",\"pid\":7,\"keystore\":\"memory\",\"locked\":"
    "false,"
    "\"extra\":1},\"broker\":{\"url\":\"https://b.example\",\"user\":\"ann\","
    "\"reachable\":true},\"requests\":[{\"id\":\"r-0000000000\",\"user\":\"ann\","
    "\"profile\":\"orders\",\"parameters\":{\"tenant\":\"acme\"},\"state\":\"pending\","
    "\"reason\":\"t\",\"duration_seconds\":1800,\"requested_at\":"
    "\"2025-11-24T15:57:00Z\",\"expires_at\":\"2025-11-24T16:57:00Z\",\"still_needed\":"
    "[\"1 more peer of support\"],\"access\":[],\"decisions\":[]}],\"sessions\":[{\"id\":"
    "\"r-1111111111\",\"profile\":\"orders\",\"parameters\":{},\"account_id\":"
    "\"123456789012\",\"role_arn\":\"arn:aws:iam::123456789012:role/r\",\"region\":"
    "\"eu-west-1\",\"state\":\"ready\",\"approved_by\":[\"bob\",\"dora\"],"
    "\"approved_at\":\"2025-11-24T15:42:00Z\",\"ends_at\":\"2025-11-24T16:42:00Z\"}]}";

static void test_status_as_json_has_exactly_the_keys_of_the_contract(void **state)
{
	json_auto_t *status = parse(status_text);
	json_auto_t *shown = show_status_json(status);
	scoped(json_text_freep) char *text = json_text(shown);

	(void)state;
	assert_string_equal(
	    text,
	    "{\"agent\":{\"version\":\"0.1.0\",\"pid\":7,\"keystore\":\"memory\","
	    "\"locked\":false},\"broker\":{\"url\":\"https://"
	    "b.example\",\"user\":\"ann\","
	    "\"reachable\":true},\"requests\":[{\"id\":\"r-0000000000\",\"profile\":"
	    "\"orders\",\"parameters\":{\"tenant\":\"acme\"},\"state\":\"pending\","
	    "\"reason\":\"t\",\"requested_at\":\"2025-11-24T15:57:00Z\",\"expires_at\":"
	    "\"2025-11-24T16:57:00Z\",\"still_needed\":[\"1 more peer of support\"]}],"
	    "\"sessions\":[{\"id\":\"r-1111111111\",\"profile\":\"orders\","
	    "\"parameters\":{},"
	    "\"account_id\":\"123456789012\",\"role_arn\":"
	    "\"arn:aws:iam::123456789012:role/r\",\"state\":\"ready\",\"approved_by\":"
	    "[\"bob\",\"dora\"],\"approved_at\":\"2025-11-24T15:42:00Z\",\"ends_at\":"
	    "\"2025-11-24T16:42:00Z\",\"credentials_expire_at\":null}]}");
}

static void test_a_failing_session_says_why_in_json_too(void **state)
{
	json_auto_t *status = parse(status_text);
	json_t *session = json_array_get(json_object_get(status, "sessions"), 0);
	json_auto_t *shown = NULL;
	scoped(json_text_freep) char *text = NULL;

	(void)state;
	json_object_set_new(session, "state", json_string("failing"));
	json_object_set_new(session, "last_error", json_string("AccessDenied: no"));
	shown = show_status_json(status);
	text = json_text(shown);
	assert_non_null(strstr(text, "\"credentials_expire_at\":null,"
				     "\"last_error\":\"AccessDenied: no\"}]}"));
	/* The words of the last failure are over with it. */
	json_object_set_new(session, "state", json_string("ready"));
	json_decref(shown);
	shown = show_status_json(status);
	session = json_array_get(json_object_get(shown, "sessions"), 0);
	assert_null(json_object_get(session, "last_error"));
}

static char *shown(void (*show)(FILE *, const json_t *, int64_t), const json_t *value)
{
	char *text = NULL;
	size_t length;
	FILE *file = open_memstream(&text, &length);

	show(file, value, NOW);
	fclose(file);
	return text;
}

static void test_a_session_that_aws_refuses_says_since_when(void **state)
{
	static const struct {
		const char *change, *words;
	} cases[] = {
		{ "{\"dead_after_seconds\":4,\"proof\":\"shown\"}",
		  "ended by ann; dead in AWS after 4 s" },
		{ "{\"proof\":\"awaited\"}",
		  "ended by ann; AWS is asked whether it is dead there" },
		{ "{\"proof\":\"not-shown\"}",
		  "ended by ann; whether it is dead in AWS was not shown" },
		{ "{}", "ended by ann\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		json_auto_t *session = parse(cases[i].change);
		json_auto_t *change = json_pack("{s:O}", "session", session);
		scoped(freep) char *text = NULL;

		json_object_set_new(session, "id", json_string("r-0000000000"));
		json_object_set_new(session, "state", json_string("ended"));
		json_object_set_new(session, "end_reason", json_string("ended by ann"));
		text = shown(show_change, change);
		assert_non_null(strstr(text, cases[i].words));
	}
}

static void test_the_status_of_one_that_aws_refuses_has_its_seconds(void **state)
{
	json_auto_t *status = parse(status_text);
	json_t *session = json_array_get(json_object_get(status, "sessions"), 0);
	json_auto_t *json = NULL;
	scoped(freep) char *words = NULL;
	scoped(json_text_freep) char *text = NULL;

	(void)state;
	json_object_set_new(session, "state", json_string("ended"));
	json_object_set_new(session, "end_reason", json_string("ended by ann"));
	json_object_set_new(session, "dead_after_seconds", json_integer(61));
	json = show_status_json(status);
	text = json_text(json);
	assert_non_null(strstr(text, "\"dead_after_seconds\":61}]}"));
	words = shown(show_status, status);
	assert_non_null(
	    strstr(words, ": ended by ann; dead in AWS after 1 min 1 s  bob"));
}

static void test_status_says_what_is_live_and_who_is_needed(void **state)
{
	json_auto_t *status = parse(status_text);

	(void)state;
	check(shown(show_status, status),
	      "ann at https://b.example, reachable; keystore memory, unlocked\n"
	      "\n"
	      "SESSION       PROFILE  STATE  END                    APPROVED BY\n"
	      "r-1111111111  orders   ready  ends in 42 min, 16:42  bob, dora\n"
	      "\n"
	      "REQUEST       PROFILE             STATE    ASKED      STILL NEEDED\n"
	      "r-0000000000  orders tenant=acme  pending  3 min ago  1 more peer of "
	      "support "
	      "(lapses in 57 min, 16:57)\n");
}

static void test_a_strangers_reason_moves_no_cursor(void **state)
{
	json_auto_t *list = parse(
	    "[{\"id\":\"r-0000000000\",\"user\":\"eve\",\"profile\":\"orders\","
	    "\"parameters\":{},\"reason\":\"a\\u001b[2Jb\\n\\u202e\",\"duration_"
	    "seconds\":"
	    "1800,\"requested_at\":\"2025-11-24T15:57:00Z\",\"expires_at\":"
	    "\"2025-11-24T16:57:00Z\",\"still_needed\":[\"x\"],\"access\":[\"read\","
	    "\"see\"],\"account\":{\"name\":\"live\\u001b[m\",\"id\":\"123456789012\","
	    "\"region\":\"eu-west-1\"},"
	    "\"decisions\":[{\"user\":\"bob\",\"verdict\":\"approve\",\"reason\":\"ok\"}]"
	    "}]");

	(void)state;
	check(shown(show_pending, list),
	      "r-0000000000  eve asks for orders, for 30 min (3 min ago)\n"
	      "  reason  a\\u{1b}[2Jb\\u{a}\\u{202e}\n"
	      "  access  read\n"
	      "          see\n"
	      "  in      account live\\u{1b}[m (123456789012), eu-west-1\n"
	      "  until   16:30 if approved now\n"
	      "  so far  bob said yes: ok\n"
	      "  needs   x\n"
	      "  lapses in 57 min, 16:57\n");
}

static void test_a_long_stranger_is_escaped_whole(void **state)
{
	char long_text[1001];
	scoped(freep) char *copy = NULL;

	(void)state;
	memset(long_text, 0x7f, 1000);
	long_text[1000] = '\0';
	copy = escaped_copy(long_text);
	assert_int_equal(strlen(copy), 6000);
}

static void outcome(const char *change, int wanted, enum error_kind kind,
		    const char *text)
{
	json_auto_t *json = parse(change);
	struct error error = { .kind = ERROR_NONE };
	int r = wait_outcome(json, "r-0000000000", &error);

	assert_int_equal(r < 0 ? -1 : r, wanted);
	assert_int_equal(error.kind, kind);
	if (wanted < 0)
		assert_string_equal(error.text, text);
}

static void test_waiting_ends_with_what_became_of_this_request(void **state)
{
	(void)state;
	outcome("{\"request\":{\"id\":\"r-0000000000\",\"state\":\"pending\"}}", 0,
		ERROR_NONE, "");
	outcome("{\"request\":{\"id\":\"r-1111111111\",\"state\":\"denied\"}}", 0,
		ERROR_NONE, "");
	outcome("{\"session\":{\"id\":\"r-0000000000\",\"state\":\"fetching\"}}", 0,
		ERROR_NONE, "");
	outcome("{\"session\":{\"id\":\"r-0000000000\",\"state\":\"ready\"}}", 1,
		ERROR_NONE, "");
	outcome(
	    "{\"request\":{\"id\":\"r-0000000000\",\"state\":\"denied\",\"decisions\":"
	    "[{\"user\":\"ann\",\"verdict\":\"approve\"},{\"user\":\"bob\",\"verdict\":"
	    "\"deny\",\"reason\":\"not today\"}]}}",
	    -1, ERROR_DENIED, "r-0000000000: denied by bob: not today");
	outcome("{\"request\":{\"id\":\"r-0000000000\",\"state\":\"expired\"}}", -1,
		ERROR_NO_SESSION,
		"r-0000000000: lapsed before enough people approved it");
	outcome("{\"request\":{\"id\":\"r-0000000000\",\"state\":\"withdrawn\"}}", -1,
		ERROR_NO_SESSION, "r-0000000000: withdrawn");
	outcome("{\"session\":{\"id\":\"r-0000000000\",\"state\":\"failing\","
		"\"last_error\":\"AccessDenied\"}}",
		-1, ERROR_REFUSED_BY_AWS,
		"r-0000000000: approved, but no credentials: AccessDenied");
	outcome("{\"session\":{\"id\":\"r-0000000000\",\"state\":\"failing\","
		"\"last_error\":\"STS is away\",\"last_error_kind\":\"unreachable\"}}",
		-1, ERROR_UNREACHABLE,
		"r-0000000000: approved, but no credentials: STS is away");
	outcome(
	    "{\"session\":{\"id\":\"r-0000000000\",\"state\":\"ended\",\"end_reason\":"
	    "\"ended by ann\"}}",
	    -1, ERROR_NO_SESSION, "r-0000000000: ended: ended by ann");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spans_are_said_in_their_two_largest_units),
		cmocka_unit_test(
		    test_an_end_is_said_with_its_hour_and_its_day_if_it_is_another),
		cmocka_unit_test(test_parameters_are_read_strictly),
		cmocka_unit_test(test_width_is_counted_in_places_on_the_screen),
		cmocka_unit_test(test_columns_line_up_whatever_the_letters),
		cmocka_unit_test(
		    test_status_as_json_has_exactly_the_keys_of_the_contract),
		cmocka_unit_test(test_a_failing_session_says_why_in_json_too),
		cmocka_unit_test(test_a_session_that_aws_refuses_says_since_when),
		cmocka_unit_test(test_the_status_of_one_that_aws_refuses_has_its_seconds),
		cmocka_unit_test(test_status_says_what_is_live_and_who_is_needed),
		cmocka_unit_test(test_a_strangers_reason_moves_no_cursor),
		cmocka_unit_test(test_a_long_stranger_is_escaped_whole),
		cmocka_unit_test(test_waiting_ends_with_what_became_of_this_request),
	};

	setenv("TZ", "UTC0", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
