#include "fcgi/auth/device_cookie.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <string.h>

#include "shared/base/check.h"
#include "shared/base/str.h"

/* A cookie: expiry in seconds (big-endian) and nonce, and the MAC over them and their owner. */
#define EXPIRY_BYTES 8
#define NONCE_BYTES  16
#define HEAD_BYTES   (EXPIRY_BYTES + NONCE_BYTES)
#define COOKIE_BYTES (HEAD_BYTES + SHA256_DIGEST_LENGTH)
#define COOKIE_CHARS 75 /* of base64url */

static enum err
sign(const unsigned char key[DERIVED_KEY_BYTES], struct arena *arena,
    const unsigned char head[HEAD_BYTES], const struct device_owner *owner,
    unsigned char mac[SHA256_DIGEST_LENGTH])
{
	char hex[2 * HEAD_BYTES + 1];
	const char *text;
	unsigned written = 0;

	hex_encode(head, HEAD_BYTES, hex);
	TRY_ALLOC(text = arena_printf(
		      arena, "%s %s %s", hex, owner->user_id.text, owner->password_version));
	check(HMAC(EVP_sha256(), key, DERIVED_KEY_BYTES, (const unsigned char *)text, strlen(text),
		  mac, &written) != NULL &&
	    written == SHA256_DIGEST_LENGTH);
	return ERR_OK;
}

enum err
device_cookie_make(const struct derived_keys *keys, struct arena *arena,
    const struct device_owner *owner, int64_t now_ms, const char **out)
{
	unsigned char cookie[COOKIE_BYTES];
	uint64_t expires_s = (uint64_t)(now_ms / 1000 + DEVICE_COOKIE_TTL_S);

	for (size_t i = 0; i < EXPIRY_BYTES; i++)
		cookie[i] = (unsigned char)(expires_s >> (56 - 8 * i) & 0xFF);
	random_bytes(cookie + EXPIRY_BYTES, NONCE_BYTES);
	TRY(sign(keys->now.device, arena, cookie, owner, cookie + HEAD_BYTES));
	TRY_ALLOC(*out = base64url_encode(arena, cookie, sizeof(cookie)));
	return ERR_OK;
}

static bool
signed_by(const unsigned char key[DERIVED_KEY_BYTES], struct arena *arena,
    const unsigned char cookie[COOKIE_BYTES], const struct device_owner *owner)
{
	unsigned char mac[SHA256_DIGEST_LENGTH];

	return sign(key, arena, cookie, owner, mac) == ERR_OK &&
	    bytes_equal_secret(mac, sizeof(mac), cookie + HEAD_BYTES, sizeof(mac));
}

bool
device_cookie_valid(const struct derived_keys *keys, struct arena *arena, const char *value,
    const struct device_owner *owner, int64_t now_ms)
{
	const unsigned char *cookie;
	uint64_t expires_s = 0;
	struct span bytes;

	if (value == NULL || strlen(value) != COOKIE_CHARS ||
	    base64url_decode(arena, value, COOKIE_CHARS, &bytes) != ERR_OK)
		return false;
	check(bytes.len == COOKIE_BYTES);
	cookie = (const unsigned char *)bytes.data;
	for (size_t i = 0; i < EXPIRY_BYTES; i++)
		expires_s = expires_s << 8 | cookie[i];
	if (expires_s <= (uint64_t)(now_ms / 1000))
		return false;
	return signed_by(keys->now.device, arena, cookie, owner) ||
	    (keys->has_old && signed_by(keys->old.device, arena, cookie, owner));
}
