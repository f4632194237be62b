/* SPDX-License-Identifier: MIT */
#include "broker/ends-iam.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "broker/ends-plan.h"
#include "policy/policy.h"

int ends_iam_write(struct iam *iam, const char *role, const char *document,
		   struct error *error)
{
	int r;

	if (document)
		return iam_put_role_policy(iam, role, ENDS_POLICY_NAME, document, error);
	r = iam_delete_role_policy(iam, role, ENDS_POLICY_NAME, error);
	if (r != -ENOENT)
		return r;
	error->kind = ERROR_NONE;
	return 0;
}

/* IAM does not count white space. */
static int64_t size_of(const char *document)
{
	int64_t size = 0;

	for (; *document; document++)
		size += strchr(" \t\r\n", *document) == NULL;
	return size;
}

struct looking {
	struct iam *iam;
	const char *role;
	int64_t others; /* characters of the other inline policies */
	struct error *error;
};

static int add_policy(void *data, const char *name)
{
	struct looking *looking = data;
	scoped(freep) char *document = NULL;
	int r;

	if (strcmp(name, ENDS_POLICY_NAME) == 0)
		return 0;
	r = iam_get_role_policy(looking->iam, looking->role, name, &document,
				looking->error);
	if (r == 0)
		looking->others += size_of(document);
	return r == -ENOENT ? 0 : r;
}

/* No right to look, or no role any more: as good as an answer; "later" is none. */
static bool is_answer(int r, struct error *error)
{
	if (r < 0 &&
	    (error->kind != ERROR_REFUSED_BY_AWS || r == -EAGAIN || r == -EKEYREJECTED))
		return false;
	error->kind = ERROR_NONE;
	return true;
}

int ends_iam_look(struct iam *iam, const char *name, struct ends_role *role,
		  int64_t now_seconds, struct error *error)
{
	struct looking looking = { iam, name, 0, error };
	int64_t longest = ENDS_LONGEST_MOST, room = 0;
	struct iam_role found;
	int r = iam_get_role(iam, name, &found, error);

	if (!is_answer(r, error))
		return r;
	if (r == 0 && found.longest_session_seconds > 0)
		longest = found.longest_session_seconds;
	r = iam_list_role_policies(iam, name, add_policy, &looking, error);
	if (!is_answer(r, error))
		return r;
	if (r == 0)
		room = looking.others < POLICY_ROLE_MAX ? POLICY_ROLE_MAX - looking.others
							: 1;
	if (longest > role->longest_seconds)
		role->longest_seconds = longest;
	role->room = room;
	role->looked_at = now_seconds;
	return 0;
}

int ends_iam_check(struct iam *iam, const char *name, const struct ends_role *role,
		   bool *is_in_force, struct error *error)
{
	unsigned char hash[ENDS_HASH_SIZE];
	scoped(freep) char *document = NULL;
	int r = iam_get_role_policy(iam, name, ENDS_POLICY_NAME, &document, error);

	*is_in_force = false;
	if (r == -ENOENT)
		*is_in_force = !role->has_document;
	if (r < 0)
		return is_answer(r, error) ? 0 : r;
	ends_hash(document, hash);
	*is_in_force = role->has_document &&
		       memcmp(hash, role->document_hash, sizeof(hash)) == 0;
	return 0;
}

void ends_hash(const char *document, unsigned char hash[static ENDS_HASH_SIZE])
{
	json_auto_t *json = json_parse_object(document, strlen(document), NULL);
	scoped(json_text_freep) char *sorted = json ? json_text_sorted(json) : NULL;
	const char *text = sorted ? sorted : document;

	crypto_generichash(hash, ENDS_HASH_SIZE, (const unsigned char *)text,
			   strlen(text), NULL, 0);
}
