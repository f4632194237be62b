/* SPDX-License-Identifier: MIT */
#ifndef AGENT_ENROLMENT_H
#define AGENT_ENROLMENT_H

/*
 * Enroll: new keys, the broker's word for them, then the keystore, the device
 * key's file and agent.conf.  Until the last of these is written the former
 * enrolment works; what fails before it leaves everything as it was.  The
 * keystore is tried first, so that one that is locked does not cost the code.
 */
struct agent;
struct enrolment;

/* Forgets the one under way, if any; nobody is answered. */
void enrolment_cancel(struct agent *agent);

#endif
