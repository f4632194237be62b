/* SPDX-License-Identifier: MIT */
#ifndef TESTS_IAM_SCENE_H
#define TESTS_IAM_SCENE_H

#include "tests/broker_fixture.h"

#include <stdlib.h>

#include "broker/enforcer.h"
#include "broker/provision-session.h"
#include "tests/fake_iam.h"

/*
 * A broker with `iam = on` and the IAM that it writes in.  Its workers' own threads do
 * nothing: the test takes their turns, with the site of one of them.
 */
struct scene {
	struct fixture *fixture;
	struct fake_iam *fake;
	struct settings settings;
	struct iam_access access;
	struct duty_site site;
	struct device_key ann, bob;
	/* Of the session that a test is about, where it is about one. */
	char id[ID_SIZE], role[PROVISION_ROLE_SIZE];
};

static inline void scene_enforce(struct scene *scene)
{
	struct broker *broker = &scene->fixture->broker;
	struct error error = { .text = "" };

	assert_int_equal(iam_access_open(&scene->settings, &scene->fixture->clock,
					 &scene->access, &error),
			 0);
	if (broker_enforce(broker, &scene->access, &error) < 0)
		fail_msg("%s", error.text);
	enforcer_stop(broker->enforcer);
	scene->access.is_stopping = false;
	scene->site = (struct duty_site){ .store = broker->store,
					  .hub = broker->hub,
					  .keys = broker->keys,
					  .issuer = broker->issuer,
					  .clock = &scene->fixture->clock };
	iam_account_init(&scene->site.account, &scene->access, "123456789012");
}

static inline int scene_setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	fixture_setup((void **)&scene->fixture);
	setenv("AWS_ACCESS_KEY_ID", "AKIDBROKER000000", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "brokerbrokerbroker", 1);
	scene->fake = fake_iam_start();
	snprintf(scene->settings.iam_url, sizeof(scene->settings.iam_url), "%s",
		 scene->fake->url);
	snprintf(scene->settings.sts_url, sizeof(scene->settings.sts_url), "%s",
		 scene->fake->url);
	snprintf(scene->settings.dynamodb_url, sizeof(scene->settings.dynamodb_url), "%s",
		 scene->fake->url);
	snprintf(scene->settings.iam, sizeof(scene->settings.iam), "on");
	snprintf(scene->settings.probe, sizeof(scene->settings.probe), "on");
	scene->ann = fixture_enroll(scene->fixture, "ann");
	scene->bob = fixture_enroll(scene->fixture, "bob");
	scene_enforce(scene);
	*state = scene;
	return 0;
}

static inline int scene_teardown(void **state)
{
	struct scene *scene = *state;

	iam_account_done(&scene->site.account);
	fixture_teardown((void **)&scene->fixture);
	iam_access_done(&scene->access);
	fake_iam_stop(scene->fake);
	free(scene);
	return 0;
}

/* Only what is in the store is left. */
static inline void scene_close(struct scene *scene)
{
	iam_account_done(&scene->site.account);
	broker_done(&scene->fixture->broker);
	iam_access_done(&scene->access);
}

static inline void scene_open(struct scene *scene)
{
	fixture_open(scene->fixture);
	scene_enforce(scene);
}

/* As after kill -9. */
static inline void scene_restart(struct scene *scene)
{
	scene_close(scene);
	scene_open(scene);
}

static inline void scene_pass(struct scene *scene, int64_t seconds)
{
	struct error error;

	scene->fixture->now_seconds += seconds;
	assert_int_equal(broker_tick(&scene->fixture->broker, &error), 0);
}

/* Ann asks, bob approves; id is the session's. */
static inline void scene_approve(struct scene *scene, const char *profile,
				 const char *parameters, char id[static ID_SIZE])
{
	assert_int_equal(
	    fixture_ask(scene->fixture, &scene->ann, profile, parameters, id), 200);
	assert_int_equal(fixture_post(scene->fixture, &scene->bob, id, "decision",
				      "{\"verdict\":\"approve\"}"),
			 200);
}

#endif
