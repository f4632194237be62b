/* SPDX-License-Identifier: MIT */
#include "agent/places.h"

#define SWEEP_SEC 5.0

static void on_patience(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct places *places = timer->data;
	struct place_list *stuck = &places->lists[PLACE_STUCK];
	struct place *place;

	(void)events;
	while ((place = TAILQ_FIRST(stuck)) &&
	       ev_now(loop) - place->since > PLACES_PATIENCE_SEC)
		places->give_up(place);
	if (TAILQ_EMPTY(stuck))
		ev_timer_stop(loop, timer);
}

void places_init(struct places *places, struct ev_loop *loop, unsigned int most)
{
	*places = (struct places){ .loop = loop, .most = most };
	for (int state = 0; state < PLACE_STATES; state++)
		TAILQ_INIT(&places->lists[state]);
	ev_init(&places->patience, on_patience);
	places->patience.repeat = SWEEP_SEC;
	places->patience.data = places;
}

static void list(struct places *places, struct place *place, enum place_state state)
{
	place->state = state;
	place->since = ev_now(places->loop);
	TAILQ_INSERT_TAIL(&places->lists[state], place, entry);
}

void places_add(struct places *places, struct place *place)
{
	places->count++;
	list(places, place, PLACE_IDLE);
}

void places_forget(struct places *places, struct place *place)
{
	TAILQ_REMOVE(&places->lists[place->state], place, entry);
}

void places_leave(struct places *places, struct place *place)
{
	places->count--;
	places_forget(places, place);
	list(places, place, PLACE_BUSY); /* as long as its call is under way */
}

void places_note(struct places *places, struct place *place, enum place_state state)
{
	if (state == place->state && state != PLACE_IDLE)
		return;
	places_forget(places, place);
	list(places, place, state);
	if (state == PLACE_STUCK && !ev_is_active(&places->patience))
		ev_timer_again(places->loop, &places->patience);
}

void places_progress(struct places *places, struct place *place)
{
	places_forget(places, place);
	list(places, place, place->state);
}

static struct place *longest_unused(const struct places *places)
{
	struct place *idle = TAILQ_FIRST(&places->lists[PLACE_IDLE]);

	return idle ? idle : TAILQ_FIRST(&places->lists[PLACE_STUCK]);
}

bool places_have_room(const struct places *places)
{
	return places->count < places->most || longest_unused(places);
}

void places_make_room(struct places *places)
{
	struct place *place = longest_unused(places);

	if (places->count >= places->most && place)
		places->close(place);
}

void places_done(struct places *places)
{
	struct place *place;

	ev_timer_stop(places->loop, &places->patience);
	for (int state = 0; state < PLACE_STATES; state++)
		while ((place = TAILQ_FIRST(&places->lists[state])))
			places->close(place);
}
