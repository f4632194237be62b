/* SPDX-License-Identifier: MIT */
#include "client/live.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/table.h"
#include "client/terminal.h"

#define ERASE_LINE "\r\033[K" /* ECMA-48: carriage return, EL */

struct live live_open(void)
{
	struct live live = { .is_terminal = isatty(STDERR_FILENO),
			     .interrupt = { .fd = -1 } };

	if (live.is_terminal)
		live.interrupt = interrupt_open();
	return live;
}

/* How many bytes of text fit so many places; never half a letter. */
static int fitting(const char *text, int places)
{
	char part[512];
	int length = (int)strnlen(text, sizeof(part) - 1);

	memcpy(part, text, (size_t)length);
	part[length] = '\0';
	while (length > 0 && ((text[length] & 0xc0) == 0x80 || text_width(part) > places))
		part[--length] = '\0';
	return length;
}

void live_show(struct live *live, const char *text)
{
	if (!live->is_terminal)
		return;
	fprintf(stderr, ERASE_LINE "%.*s",
		fitting(text, terminal_columns(STDERR_FILENO) - 1), text);
	fflush(stderr);
	live->is_shown = true;
}

static void clear(struct live *live)
{
	if (live->is_shown)
		fputs(ERASE_LINE, stderr);
	fflush(stderr);
	live->is_shown = false;
}

void live_wait(struct live *live, int fd, int timeout_ms)
{
	struct pollfd wait[] = { { .fd = fd, .events = POLLIN },
				 { .fd = live->interrupt.fd, .events = POLLIN } };

	if (poll(wait, 2, timeout_ms) <= 0 || !wait[1].revents)
		return;
	clear(live);
	interrupt_deliver(&live->interrupt);
}

void live_done(struct live *live)
{
	clear(live);
	interrupt_done(&live->interrupt);
}
