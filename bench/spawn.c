/* SPDX-License-Identifier: MIT */
/*
 * spawn COUNT YARDSTICK -- COMMAND [ARGUMENT...]
 *
 * How long a process takes from posix_spawn() to its exit, the two in turn so
 * that both see the same machine.  Prints the medians in microseconds, the
 * command's first.  Standard output of either goes to /dev/null.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "bench/stats.h"

static int64_t run(char **command, const posix_spawn_file_actions_t *actions)
{
	int64_t start = stats_now();
	int status;
	pid_t pid;

	if (posix_spawn(&pid, command[0], actions, NULL, command, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "spawn: %s failed\n", command[0]);
		return -1;
	}
	return stats_now() - start;
}

static int measure(size_t count, char **yardstick, char **command)
{
	scoped(freep) int64_t *floors = calloc(count, sizeof(*floors));
	scoped(freep) int64_t *times = calloc(count, sizeof(*times));
	posix_spawn_file_actions_t actions;

	if (!floors || !times)
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	for (size_t i = 0; i < count; i++) {
		floors[i] = run(yardstick, &actions);
		times[i] = run(command, &actions);
		if (floors[i] < 0 || times[i] < 0)
			return -1;
	}
	posix_spawn_file_actions_destroy(&actions);
	printf("%.1f %.1f\n", (double)stats_quantile(times, count, 0.5) / 1e3,
	       (double)stats_quantile(floors, count, 0.5) / 1e3);
	return 0;
}

int main(int argc, char **argv)
{
	char *yardstick[] = { NULL, NULL };
	long count;

	if (argc < 5 || strcmp(argv[3], "--") != 0) {
		fputs("usage: spawn COUNT YARDSTICK -- COMMAND [ARGUMENT...]\n", stderr);
		return 2;
	}
	count = strtol(argv[1], NULL, 10);
	yardstick[0] = argv[2];
	return count > 0 && measure((size_t)count, yardstick, argv + 4) == 0 ? 0 : 1;
}
