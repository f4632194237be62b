/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/output.h"
#include "base/text.h"
#include "broker/commands.h"
#include "broker/simulation.h"
#include "policy/meaning.h"

#define WORDS_MAX 8192

/* Why: the words of the statement that decided, or what came nearest lacks. */
static int say_why(const struct simulation *simulation, const struct meaning *meaning,
		   struct buffer *why)
{
	char end[TIME_TEXT_SIZE];

	if (meaning->is_after_end)
		return buffer_print(why, "the session is over since %s",
				    time_format(simulation->ends_at, end));
	if (meaning->statement)
		return meaning_words(meaning, &simulation->asked, why);
	if (meaning->nearest)
		return meaning_misfit_words(meaning, &simulation->asked, why);
	return buffer_print(why, "the profile allows nothing");
}

static unsigned int line_of(const struct meaning *meaning)
{
	if (meaning->is_after_end)
		return 0;
	return meaning->nearest ? meaning->nearest_line : meaning->line;
}

static int print_json(const struct subject *subject, const struct meaning *meaning,
		      const char *why, struct error *error)
{
	unsigned int line = line_of(meaning);
	json_t *json = json_pack(
	    "{s:b, s:s?, s:o, s:b, s:s}", "allowed", (int)meaning->is_allowed, "file",
	    line ? subject->path : NULL, "line", line ? json_integer(line) : json_null(),
	    "decided", (int)(meaning->statement || meaning->is_after_end), "why", why);

	return output_json(json, error);
}

/* "denied by FILE:LINE: ...", or where no statement speaks of it, the nearest one. */
static void print_words(const struct subject *subject, const struct meaning *meaning,
			const char *why)
{
	const char *verdict = meaning->is_allowed ? "allowed" : "denied";
	char shown[WORDS_MAX];

	printf("%s", verdict);
	if (meaning->nearest)
		printf("; nearest is %s:%u", subject->path, meaning->nearest_line);
	else if (line_of(meaning))
		printf(" by %s:%u", subject->path, meaning->line);
	printf(": %s\n", text_escape(why, shown, sizeof(shown)));
}

int command_simulate(const struct options *options, struct error *error)
{
	scoped(buffer_done) struct buffer why = BUFFER_WITH_LIMIT(WORDS_MAX);
	scoped(subject_done) struct subject subject = { .path = NULL };
	scoped(simulation_done) struct simulation simulation = { .action = "" };
	struct meaning meaning = { .line = 0 };
	int r = subject_open(options, &subject, error);

	if (r == 0)
		r = subject_check_whole(&subject, error);
	if (r == 0)
		r = simulation_read(options, &subject, &simulation, error);
	if (r < 0)
		return r;
	scope_judge(subject.profile->access, &subject.place, simulation.ends_at,
		    &simulation.asked, &meaning);
	r = say_why(&simulation, &meaning, &why);
	if (r == -ENOMEM)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	if (options->json)
		r = print_json(&subject, &meaning, why.bytes, error);
	else
		print_words(&subject, &meaning, why.bytes);
	return r < 0 || meaning.is_allowed ? r : COMMAND_SAYS_NO;
}
