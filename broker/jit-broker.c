/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/secret.h"
#include "broker/commands.h"

/*
 * Wipes what jansson frees.  Not json_init_wiping(): libjose gives texts of
 * jansson's to free() itself, so each block has to be one of malloc()'s.
 */
static void wiping_free(void *block)
{
	if (block)
		explicit_bzero(block, malloc_usable_size(block));
	free(block);
}

int main(int argc, char **argv)
{
	json_set_alloc_funcs(malloc, wiping_free);
	if (secret_init() < 0 || secret_harden_process() < 0) {
		fputs("jit-broker: this machine has no locked memory\n", stderr);
		return error_exit_status(ERROR_INTERNAL);
	}
	umask(077);
	log_open("jit-broker");
	return program_run(&jit_broker, argc, argv);
}
