/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "broker/profiles-reading.h"
#include "policy/policy.h"

/* With its end, so that no text is another one's beginning. */
static void add_text(crypto_generichash_state *state, const char *text)
{
	if (!text)
		text = "";
	crypto_generichash_update(state, (const unsigned char *)text, strlen(text) + 1);
}

void reading_digest(struct reading *reading, struct profile *profile)
{
	const struct account *account = profile->account;
	const struct provision *provision = profile->provision;
	const struct place place = { account->region, account->id };
	scoped(json_text_freep) char *policy = NULL;
	unsigned char hash[(PROFILE_DIGEST_SIZE - 1) / 2];
	crypto_generichash_state state;

	if (policy_role(profile->access, &place, 0, &policy, NULL) < 0) {
		reading->r = -ENOMEM;
		return;
	}
	crypto_generichash_init(&state, NULL, 0, sizeof(hash));
	add_text(&state, account->id);
	add_text(&state, account->region);
	add_text(&state, profile->role);
	add_text(&state, provision ? provision->path : NULL);
	add_text(&state, !provision            ? NULL
			 : provision->boundary ? provision->boundary
					       : account->boundary);
	add_text(&state, policy);
	crypto_generichash_final(&state, hash, sizeof(hash));
	sodium_bin2hex(profile->digest, sizeof(profile->digest), hash, sizeof(hash));
}
