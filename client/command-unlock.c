/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "client/call.h"
#include "client/commands.h"
#include "client/output.h"
#include "client/prompt.h"

/* Only the agent knows which keystore it has, and whether that is locked. */
static int unlock(const json_t *agent, struct error *error)
{
	char passphrase[PASSPHRASE_SIZE] = "";
	json_auto_t *reply = NULL;
	json_t *parameters;
	int r = 0;

	if (strcmp(member_text(agent, "keystore"), "passphrase") == 0)
		r = prompt_passphrase(false, passphrase, error);
	if (r < 0)
		return r;
	parameters = *passphrase ? json_pack("{s:s}", "passphrase", passphrase)
				 : json_object();
	explicit_bzero(passphrase, sizeof(passphrase));
	return call_agent("Unlock", parameters, CALL_SLOW_SECONDS, &reply, error);
}

int command_unlock(const struct options *options, struct error *error)
{
	json_auto_t *status = NULL;
	json_t *agent;
	int r = call_agent("Status", json_object(), CALL_SECONDS, &status, error);

	if (r < 0)
		return r;
	agent = json_object_get(status, "agent");
	if (json_is_true(json_object_get(agent, "locked")))
		r = unlock(agent, error);
	if (r < 0)
		return r;
	if (options->json)
		return output_json(json_pack("{s:b}", "locked", 0), error);
	puts("unlocked");
	return 0;
}
