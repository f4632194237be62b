/* SPDX-License-Identifier: MIT */
#include "broker/duties.h"

#include <stddef.h>

#include "broker/store-ends.h"
#include "broker/store-proofs.h"
#include "broker/store-provisions.h"

const struct duty duties[] = {
	{ "ends", CREW_WRITES, store_ends_accounts_due, ends_duty_work },
	{ "provisions", CREW_WRITES, store_provision_accounts_due, provision_duty_work },
	{ "proofs", CREW_PROOFS, store_proof_accounts_due, proof_duty_work },
	{ NULL, CREWS, NULL, NULL },
};
