/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/json.h"
#include "base/secret.h"
#include "client/commands.h"

int main(int argc, char **argv)
{
	json_init_wiping();
	if (secret_harden_process() < 0) {
		fputs("jitctl: cannot keep this process from being read by others\n",
		      stderr);
		return error_exit_status(ERROR_INTERNAL);
	}
	return program_run(&jitctl, argc, argv);
}
