/* SPDX-License-Identifier: MIT */
#include "client/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

/* Of a terminal that does not say: a serial line, an old emulator. */
#define USUAL_COLUMNS 80

int terminal_columns(int fd)
{
	struct winsize size;

	if (!isatty(fd))
		return 0;
	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
								    : USUAL_COLUMNS;
}
