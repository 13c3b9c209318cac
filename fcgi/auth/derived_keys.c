#include "fcgi/auth/derived_keys.h"

#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <string.h>

#include "shared/base/check.h"

/* HKDF's info names the purpose; the pepper is a good key already, so there is no salt. */
static void
derive(const char *pepper, const char *purpose, unsigned char out[DERIVED_KEY_BYTES])
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
	size_t len = DERIVED_KEY_BYTES;

	/* Fails only without memory. */
	check(context != NULL && EVP_PKEY_derive_init(context) == 1 &&
	    EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) == 1 &&
	    EVP_PKEY_CTX_set1_hkdf_key(
		context, (const unsigned char *)pepper, (int)strlen(pepper)) == 1 &&
	    EVP_PKEY_CTX_add1_hkdf_info(
		context, (const unsigned char *)purpose, (int)strlen(purpose)) == 1 &&
	    EVP_PKEY_derive(context, out, &len) == 1 && len == DERIVED_KEY_BYTES);
	EVP_PKEY_CTX_free(context);
}

static void
derive_family(const char *pepper, struct key_family *out)
{
	password_pepper_id(pepper, out->pepper_id);
	derive(pepper, "shop auth sealing", out->sealing);
	derive(pepper, "shop auth device", out->device);
}

void
derived_keys_init(struct derived_keys *keys, const char *pepper, const char *pepper_old)
{
	*keys = (struct derived_keys){.has_old = pepper_old[0] != '\0'};
	derive_family(pepper, &keys->now);
	if (keys->has_old)
		derive_family(pepper_old, &keys->old);
}

void
derived_keys_fini(struct derived_keys *keys)
{
	bytes_wipe(keys, sizeof(*keys));
}

const struct key_family *
derived_keys_find(const struct derived_keys *keys, const char *id)
{
	if (str_equal(keys->now.pepper_id, id))
		return &keys->now;
	return keys->has_old && str_equal(keys->old.pepper_id, id) ? &keys->old : NULL;
}
