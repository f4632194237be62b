/* SPDX-License-Identifier: MIT */
#ifndef AGENT_PLACES_H
#define AGENT_PLACES_H

#include <ev.h>
#include <stdbool.h>
#include <sys/queue.h>

/*
 * Who of the peers may stay: a bounded number of places, and a limit to how
 * long one may keep us waiting for its part.  Knows nothing of sockets.
 */

/* How long a peer may take to send the rest of a call, or to read an answer. */
#define PLACES_PATIENCE_SEC 20.0

enum place_state {
	PLACE_IDLE,  /* nothing is under way */
	PLACE_BUSY,  /* the next step is ours */
	PLACE_STUCK, /* the next step is the peer's, and something is held for it */
	PLACE_STATES,
};

struct place {
	TAILQ_ENTRY(place) entry;
	enum place_state state;
	ev_tstamp since; /* when it came to that state, or last made progress */
};

TAILQ_HEAD(place_list, place);

struct places {
	struct ev_loop *loop;
	struct place_list lists[PLACE_STATES]; /* each: longest there first */
	unsigned int count;
	unsigned int most;
	struct ev_timer patience;
	/* Tells a peer that its time is over, and closes it. */
	void (*give_up)(struct place *place);
	/* Closes it, with nothing said. */
	void (*close)(struct place *place);
};

void places_init(struct places *places, struct ev_loop *loop, unsigned int most);

/* A new peer, idle as yet. */
void places_add(struct places *places, struct place *place);

/* places_leave(): it is closed.  places_forget(): and about to be freed. */
void places_leave(struct places *places, struct place *place);
void places_forget(struct places *places, struct place *place);

/* What is waited for now; an idle one has just been used. */
void places_note(struct places *places, struct place *place, enum place_state state);

/* A stuck one did some of its part. */
void places_progress(struct places *places, struct place *place);

/* Whether one more could have a place: there is one, or one can be emptied. */
bool places_have_room(const struct places *places);

/*
 * Empties one if all are taken: that of the idle peer that was used least
 * recently, else of the one that is stuck for longest.
 */
void places_make_room(struct places *places);

void places_done(struct places *places);

#endif
