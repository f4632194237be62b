/* SPDX-License-Identifier: MIT */
#ifndef TESTS_ENDS_SCENE_H
#define TESTS_ENDS_SCENE_H

#include "broker/ends-grant.h"
#include "broker/ends-plan.h"
#include "tests/iam_scene.h"

/* Sessions on roles that are there: their grants wait for the Deny for their ends. */
#define ROLE "jit-orders-support"
#define ROLE_ARN "arn:aws:iam::123456789012:role/" ROLE

/* A worker's whole turn: everything that is due.  How many pieces it was. */
static inline int scene_work(struct scene *scene)
{
	struct error error = { .text = "" };
	int count = 0, r;

	while ((r = ends_duty_work(&scene->site, &error)) > 0)
		assert_true(++count < 1000);
	if (r < 0)
		fail_msg("%s", error.text);
	return count;
}

/* A call for a grant that can be made again after it was told to wait. */
struct waiting {
	struct call call;
	char uri[64];
	json_t *answer;
	int status; /* 0: it waits */
};

static inline void waiting_done(struct waiting *waiting)
{
	json_decref(waiting->answer);
}

static inline void call_again(struct scene *scene, struct waiting *waiting)
{
	json_decref(waiting->answer);
	waiting->status = routes_answer(&scene->fixture->broker, &waiting->call,
					&waiting->answer);
}

static inline void call_grant(struct scene *scene, const char *id,
			      struct waiting *waiting)
{
	*waiting = (struct waiting){ .status = 0 };
	snprintf(waiting->uri, sizeof(waiting->uri), "/v1/requests/%.*s/grant",
		 ID_SIZE - 1, id);
	waiting->call = fixture_make_call(scene->fixture, &scene->ann, "POST",
					  waiting->uri, "{}");
	call_again(scene, waiting);
}

static inline const char *message_of(const struct waiting *waiting)
{
	const char *text = json_string_value(
	    json_object_get(json_object_get(waiting->answer, "error"), "message"));

	return text ? text : "";
}

/* A session with its grant, all in force. */
static inline void begin_session(struct scene *scene, char id[static ID_SIZE])
{
	scoped(waiting_done) struct waiting waiting;

	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &waiting);
	scene_work(scene);
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 200);
}

static inline int grant_status(struct scene *scene, const char *id)
{
	scoped(waiting_done) struct waiting waiting;

	call_grant(scene, id, &waiting);
	return waiting.status;
}

#endif
