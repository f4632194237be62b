/* SPDX-License-Identifier: MIT */
#ifndef AGENT_ENROLMENT_FILES_H
#define AGENT_ENROLMENT_FILES_H

#include "agent/settings.h"
#include "base/error.h"

/*
 * The files of an enrolment, which count together or not at all, whenever the
 * agent is killed: the device key, the master key where its keystore is a file,
 * and lines of agent.conf.  The new keys lie beside those in force until the
 * file "enrolment" in the state directory, which holds the new lines, is there.
 * From then on the former enrolment is over, and what is left to do is done at
 * the next start if not now.
 */
struct agent;

/*
 * Makes the new enrolment count; its keys have been written (KEYS_DEVICE_NEXT,
 * KEYSTORE_FILE_NEXT).  Returns 0, or error_set() with the former enrolment in force
 * and the new keys gone.
 */
int enrolment_files_put(const struct agent *agent, const struct settings *settings,
			struct error *error);

/*
 * Once the sessions of the former one are forgotten: puts the new keys in the place
 * of its keys.  Returns 0, or error_set(), which enrolment_files_recover() mends.
 */
int enrolment_files_settle(const struct agent *agent, const struct settings *settings,
			   struct error *error);

/* Removes the new keys of an enrolment that came to nothing. */
void enrolment_files_discard(const struct agent *agent);

/*
 * At a start and before another enrolment, before agent.conf is read: finishes what
 * was begun, sessions of the former enrolment included, or removes what never
 * counted.  Returns 0 or error_set().
 */
int enrolment_files_recover(const struct agent *agent, struct error *error);

#endif
