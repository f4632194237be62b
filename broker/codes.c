/* SPDX-License-Identifier: MIT */
#include "broker/codes.h"

#include <ctype.h>
#include <sodium.h>
#include <string.h>

#define TOO_MANY "too many wrong codes from this address within an hour"

/* No letter that reads as a digit. */
static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void hash_code(const char *text, unsigned char hash[static CODE_HASH_SIZE])
{
	char upper[CODE_TEXT_SIZE] = "";

	/* A longer text cannot be a code; it hashes as the empty one, which none is. */
	if (strlen(text) < sizeof(upper))
		for (size_t i = 0; text[i]; i++)
			upper[i] = (char)toupper((unsigned char)text[i]);
	crypto_hash_sha256(hash, (const unsigned char *)upper, strlen(upper));
}

int codes_make(struct transaction *transaction, const struct audit_origin *origin,
	       const char *user, int64_t now_seconds, char text[static CODE_TEXT_SIZE],
	       struct error *error)
{
	struct code code = { .expires_at = now_seconds + CODE_LIFETIME_SECONDS };
	int r;

	for (size_t i = 0; i < CODE_TEXT_SIZE - 1; i++)
		text[i] = letters[randombytes_uniform(sizeof(letters) - 1)];
	text[4] = '-';
	text[CODE_TEXT_SIZE - 1] = '\0';
	hash_code(text, code.hash);
	snprintf(code.user, sizeof(code.user), "%s", user);
	r = store_code_add(transaction, &code, error);
	if (r < 0)
		return r;
	return audit_note(transaction, origin, now_seconds, AUDIT_INVITED, NULL, error,
			  "a code for %s, good for 10 minutes", user);
}

/* Refuses; the audit has one row for each wrong code and one for the first too many. */
static int refuse(struct transaction *transaction, const struct audit_origin *origin,
		  int64_t now_seconds, int64_t guesses, const char *why,
		  struct error *error)
{
	int r = 0;

	if (guesses <= CODE_GUESSES_MAX)
		r = store_guess_add(transaction, origin->address, now_seconds, error);
	if (r == 0 && guesses <= CODE_GUESSES_MAX)
		r = audit_note(transaction, origin, now_seconds, AUDIT_ENROLL_REFUSED,
			       NULL, error, "%s", why);
	return r;
}

static const char *find_fault(int found, const struct code *code, int64_t now_seconds)
{
	if (!found)
		return "no such code";
	if (code->used_at)
		return "the code was used before";
	if (now_seconds >= code->expires_at)
		return "the code has expired";
	return NULL;
}

static int refuse_all(struct error *refused)
{
	return error_set(refused, ERROR_FORBIDDEN,
			 TOO_MANY "; no other is looked at until then");
}

int codes_are_shut(struct transaction *transaction, const char *address,
		   int64_t now_seconds, struct error *refused, struct error *error)
{
	int64_t guesses = 0;
	int r = store_guess_count(transaction, address, now_seconds - CODE_GUESS_SECONDS,
				  &guesses, error);

	if (r < 0 || guesses <= CODE_GUESSES_MAX)
		return r;
	refuse_all(refused);
	return 1;
}

int codes_spend(struct transaction *transaction, const struct audit_origin *origin,
		const char *text, int64_t now_seconds, struct device *device,
		struct error *refused, struct error *error)
{
	struct audit_origin enrolled = *origin;
	struct code code = { 0 };
	int64_t guesses = 0;
	const char *fault;
	int r;

	hash_code(text, code.hash);
	r = store_guess_count(transaction, origin->address,
			      now_seconds - CODE_GUESS_SECONDS, &guesses, error);
	if (r == 0)
		r = store_code(transaction, code.hash, &code, error);
	if (r < 0)
		return r;
	fault = guesses >= CODE_GUESSES_MAX ? TOO_MANY
					    : find_fault(r, &code, now_seconds);
	if (fault) {
		if (guesses >= CODE_GUESSES_MAX)
			refuse_all(refused);
		else
			error_set(refused, ERROR_FORBIDDEN,
				  "%s; ask whoever runs the broker for a new one", fault);
		return refuse(transaction, origin, now_seconds, guesses, fault, error);
	}
	snprintf(device->user, sizeof(device->user), "%s", code.user);
	r = store_code_use(transaction, code.hash, now_seconds, error);
	if (r == 0)
		r = store_device_add(transaction, device, error);
	enrolled.user = code.user;
	if (r == 0)
		r = audit_note(transaction, &enrolled, now_seconds, AUDIT_ENROLLED, NULL,
			       error, "a device of %s, key %s", code.user, device->keyid);
	return r < 0 ? r : 1;
}
