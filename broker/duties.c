/* SPDX-License-Identifier: MIT */
#include "broker/duties.h"

#include <stddef.h>

#include "broker/store-ends.h"
#include "broker/store-provisions.h"

const struct duty duties[] = {
	{ "ends", store_ends_accounts_due, ends_duty_work },
	{ "provisions", store_provision_accounts_due, provision_duty_work },
	{ NULL, NULL, NULL },
};
