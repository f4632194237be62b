/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PROOFS_SCENE_H
#define TESTS_PROOFS_SCENE_H

#include "broker/proof.h"
#include "tests/ends_scene.h"

/* Sessions that were ended, and what the broker says of whether AWS refuses them. */

/* Every duty's work that is due; how many tries of a proof it was. */
static inline int work(struct scene *scene)
{
	struct error error = { .text = "" };
	int tries = 0, r;

	do {
		r = 0;
		for (const struct duty *duty = duties; r == 0 && duty->name; duty++) {
			r = duty->work(&scene->site, &error);
			if (r < 0)
				fail_msg("%s", error.text);
			tries += r > 0 && duty->crew == CREW_PROOFS;
		}
	} while (r > 0);
	return tries;
}

static inline void end(struct scene *scene, const char *id)
{
	assert_int_equal(fixture_post(scene->fixture, &scene->ann, id, "end", "{}"), 200);
}

/* The member of the session's JSON that its owner gets; "" for none. */
static inline const char *member_of(struct scene *scene, const char *id, const char *name)
{
	static char text[64];
	char uri[64];
	json_auto_t *answer = NULL;
	const json_t *member;
	struct call call;

	snprintf(uri, sizeof(uri), "/v1/requests/%.*s", ID_SIZE - 1, id);
	call = fixture_make_call(scene->fixture, &scene->ann, "GET", uri, NULL);
	assert_int_equal(routes_answer(&scene->fixture->broker, &call, &answer), 200);
	member = json_object_get(
	    json_object_get(json_object_get(answer, "request"), "session"), name);
	text[0] = '\0';
	if (json_is_integer(member))
		snprintf(text, sizeof(text), "%lld",
			 (long long)json_integer_value(member));
	else if (member)
		snprintf(text, sizeof(text), "%s", json_string_value(member));
	return text;
}

static inline void assert_awaited(struct scene *scene, const char *id)
{
	assert_string_equal(member_of(scene, id, "proof"), "awaited");
	assert_string_equal(member_of(scene, id, "dead_after_seconds"), "");
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_PROVEN), 0);
}

static inline void assert_shown(struct scene *scene, const char *id, const char *seconds)
{
	assert_string_equal(member_of(scene, id, "proof"), "shown");
	assert_string_equal(member_of(scene, id, "dead_after_seconds"), seconds);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_PROVEN), 1);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_UNPROVEN), 0);
}

static inline void assert_not_shown(struct scene *scene, const char *id)
{
	assert_string_equal(member_of(scene, id, "proof"), "not-shown");
	assert_string_equal(member_of(scene, id, "dead_after_seconds"), "");
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_PROVEN), 0);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_UNPROVEN), 1);
}

/* Until nothing more of it is due; how many tries that were. */
static inline int give_it_time(struct scene *scene)
{
	int tries = 0;

	for (int second = 0; second < 2 * PROOF_PATIENCE_SECONDS; second++) {
		scene_pass(scene, 1);
		tries += work(scene);
	}
	return tries;
}

#endif
