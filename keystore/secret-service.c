/* SPDX-License-Identifier: MIT */
#include "keystore/keystore.h"

#include <libsecret/secret.h>
#include <sodium.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

/*
 * The key is kept as base64 text, which every Secret Service keeps intact; one
 * item per state directory.  libsecret holds values in locked memory that it
 * wipes, and the session with the service is encrypted, so no other copy of
 * the key is made here; the worker's exit lets go of the rest.
 */
#define KEY_TEXT_SIZE \
	sodium_base64_ENCODED_LEN(KEYSTORE_KEY_SIZE, sodium_base64_VARIANT_ORIGINAL)

static const SecretSchema schema = {
	.name = "io.jitctl.MasterKey",
	.flags = SECRET_SCHEMA_NONE,
	.attributes = { { "state", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } },
};

static GHashTable *attributes_of(const struct keystore_place *place)
{
	return secret_attributes_build(&schema, "state", place->state, NULL);
}

static int keyring_is_locked(struct error *error)
{
	int r = error_set(error, ERROR_LOCKED, "the keyring is locked");

	error_next(error, "jitctl unlock");
	return r;
}

static int not_usable(struct error *error, const char *why)
{
	int r = error_set(error, ERROR_UNREACHABLE, "%s", why);

	error_next(error, "jitctl enroll --keystore passphrase");
	return r;
}

#define NO_KEYRING "no keyring (Secret Service) runs in this session"
#define NO_COLLECTION "the keyring has no default collection yet"
#define NO_ANSWER "the keyring does not answer"
#define NO_BUS "no D-Bus session runs here, so there is no keyring"

/* clang-format off */
static const struct {
	GQuark (*domain)(void);
	int code;
	const char *words; /* NULL: unlocking would help */
} failures[] = {
	{ secret_error_get_quark, SECRET_ERROR_IS_LOCKED,               NULL },
	{ secret_error_get_quark, SECRET_ERROR_NO_SUCH_OBJECT,          NO_COLLECTION },
	{ g_dbus_error_quark,     G_DBUS_ERROR_UNKNOWN_OBJECT,          NO_COLLECTION },
	{ g_dbus_error_quark,     G_DBUS_ERROR_UNKNOWN_METHOD,          NO_COLLECTION },
	{ g_dbus_error_quark,     G_DBUS_ERROR_SERVICE_UNKNOWN,         NO_KEYRING },
	{ g_dbus_error_quark,     G_DBUS_ERROR_NAME_HAS_NO_OWNER,       NO_KEYRING },
	{ g_dbus_error_quark,     G_DBUS_ERROR_SPAWN_SERVICE_NOT_FOUND, NO_KEYRING },
	{ g_dbus_error_quark,     G_DBUS_ERROR_NO_REPLY,                NO_ANSWER },
	{ g_dbus_error_quark,     G_DBUS_ERROR_TIMEOUT,                 NO_ANSWER },
	{ g_io_error_quark,       G_IO_ERROR_TIMED_OUT,                 NO_ANSWER },
	{ g_io_error_quark,       G_IO_ERROR_CANCELLED,                 NULL },
};
/* clang-format on */

static bool there_is_a_session_bus(void)
{
	g_autoptr(GDBusConnection) bus = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, NULL);

	return bus != NULL;
}

/* What a GError means to the person who waits. */
static int explain(const GError *why, struct error *error)
{
	char words[256];

	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		if (!g_error_matches(why, failures[i].domain(), failures[i].code))
			continue;
		return failures[i].words ? not_usable(error, failures[i].words)
					 : keyring_is_locked(error);
	}
	if (!there_is_a_session_bus())
		return not_usable(error, NO_BUS);
	snprintf(words, sizeof(words), "the keyring cannot be used: %s",
		 TEXT_ESCAPED(why->message));
	return not_usable(error, words);
}

/*
 * A locked keyring answers a lookup as if nothing were there, and storing into
 * one opens a prompt that no one may ever see: so look first.
 */
static bool default_collection_is_locked(bool may_prompt)
{
	g_autoptr(SecretService)
	    service = secret_service_get_sync(SECRET_SERVICE_NONE, NULL, NULL);
	g_autoptr(SecretCollection) collection = NULL;

	if (!service || may_prompt)
		return false;
	collection = secret_collection_for_alias_sync(service, SECRET_COLLECTION_DEFAULT,
						      SECRET_COLLECTION_NONE, NULL, NULL);
	return collection && secret_collection_get_locked(collection);
}

/* A secret value's own copy is wiped when it is released. */
static SecretValue *value_from_key(struct secret *key)
{
	char text[KEY_TEXT_SIZE];
	SecretValue *value;

	sodium_bin2base64(text, sizeof(text), secret_reveal(key), KEYSTORE_KEY_SIZE,
			  sodium_base64_VARIANT_ORIGINAL);
	secret_conceal(key);
	value = secret_value_new(text, (gssize)strlen(text), "text/plain");
	sodium_memzero(text, sizeof(text));
	return value;
}

static int key_from_value(SecretValue *value, struct secret **key, struct error *error)
{
	unsigned char bytes[KEYSTORE_KEY_SIZE];
	size_t text_length, length;
	const char *text = secret_value_get(value, &text_length);
	struct secret *made;

	if (sodium_base642bin(bytes, sizeof(bytes), text, text_length, NULL, &length,
			      NULL, sodium_base64_VARIANT_ORIGINAL) < 0 ||
	    length != sizeof(bytes)) {
		sodium_memzero(bytes, sizeof(bytes));
		return error_set(error, ERROR_INTERNAL,
				 "what the keyring keeps is no master key of ours");
	}
	made = secret_take(bytes, sizeof(bytes));
	if (!made)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	*key = made;
	return 0;
}

static int store_key(const struct keystore_place *place, struct secret *key,
		     struct error *error)
{
	g_autoptr(GHashTable) attributes = attributes_of(place);
	g_autoptr(SecretValue) value = NULL;
	g_autoptr(GError) why = NULL;

	if (default_collection_is_locked(place->may_prompt))
		return keyring_is_locked(error);
	value = value_from_key(key);
	if (!secret_password_storev_binary_sync(
		&schema, attributes, SECRET_COLLECTION_DEFAULT, "jit-agent master key",
		value, NULL, &why))
		return explain(why, error);
	return 0;
}

static bool is_locked(SecretRetrievable *item)
{
	return SECRET_IS_ITEM(item) && secret_item_get_locked(SECRET_ITEM(item));
}

static int key_from_item(SecretRetrievable *item, struct secret **key,
			 struct error *error)
{
	g_autoptr(GError) why = NULL;
	g_autoptr(SecretValue) value = NULL;

	if (is_locked(item))
		return keyring_is_locked(error);
	value = secret_retrievable_retrieve_secret_sync(item, NULL, &why);
	if (value)
		return key_from_value(value, key, error);
	return why ? explain(why, error) : keyring_is_locked(error);
}

static void free_items(GList **items)
{
	g_list_free_full(*items, g_object_unref);
}

static SecretSearchFlags search_flags(const struct keystore_place *place)
{
	return place->may_prompt ? SECRET_SEARCH_ALL | SECRET_SEARCH_UNLOCK
				 : SECRET_SEARCH_ALL;
}

static int load_key(const struct keystore_place *place, struct secret **key,
		    struct error *error)
{
	g_autoptr(GHashTable) attributes = attributes_of(place);
	g_autoptr(GError) why = NULL;
	scoped(free_items) GList *items = secret_password_searchv_sync(
	    &schema, attributes, search_flags(place), NULL, &why);

	if (why)
		return explain(why, error);
	if (items)
		return key_from_item(items->data, key, error);
	if (default_collection_is_locked(place->may_prompt))
		return keyring_is_locked(error);
	return error_set(error, ERROR_NOT_FOUND, "the keyring keeps no key for %s",
			 place->state);
}

static int erase_key(const struct keystore_place *place, struct error *error)
{
	g_autoptr(GHashTable) attributes = attributes_of(place);
	g_autoptr(GError) why = NULL;
	scoped(free_items) GList *items = secret_password_searchv_sync(
	    &schema, attributes, search_flags(place), NULL, &why);

	if (why)
		return explain(why, error);
	/* Clearing passes over what is locked without a word. */
	for (GList *item = items; item; item = item->next)
		if (is_locked(item->data))
			return keyring_is_locked(error);
	secret_password_clearv_sync(&schema, attributes, NULL, &why);
	return why ? explain(why, error) : 0;
}

const struct keystore_backend keystore_secret_service = {
	.name = "secret-service",
	.store = store_key,
	.load = load_key,
	.erase = erase_key,
};
