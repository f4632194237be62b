/* SPDX-License-Identifier: MIT */
#ifndef BROKER_ENFORCER_H
#define BROKER_ENFORCER_H

#include "broker/broker.h"
#include "broker/duties.h"

/*
 * Makes AWS hold to what the broker decides: a thread for each account that
 * has something to do, so that one whose IAM is slow delays no other, and one
 * more where AWS is asked what it refuses.  All
 * that is due is in the store (broker/duties.h), so nothing is lost when it
 * stops at any moment.
 */
struct enforcer;

/* Everything is borrowed and must outlive it.  NULL when memory is short. */
struct enforcer *enforcer_new(struct iam_access *access, const struct broker *broker);

/* Stops first, if it still runs; takes NULL. */
void enforcer_free(struct enforcer *enforcer);

/* Something may be to be written in that account.  Any thread; never waits. */
void enforcer_wake(struct enforcer *enforcer, const char *account_id);

/* Once a second: wakes the accounts that have something due.  0 or error_set(). */
int enforcer_tick(struct enforcer *enforcer, struct error *error);

/*
 * Ends the workers: what they do is given up, a call of AWS within a second,
 * a credential_process at once.
 */
void enforcer_stop(struct enforcer *enforcer);

#endif
