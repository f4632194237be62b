/* SPDX-License-Identifier: MIT */
#include "broker/duties.h"

#include <stddef.h>

const struct duty duties[] = {
	{ "ends", ends_duty_accounts, ends_duty_work },
	{ "provisions", provision_duty_accounts, provision_duty_work },
	{ NULL, NULL, NULL },
};
