#include "fcgi/auth/refresh_token.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <string.h>

#include "shared/base/check.h"
#include "shared/base/str.h"

#define ID_BYTES         16
#define GENERATION_BYTES 4
#define SIGNED_BYTES     (ID_BYTES + GENERATION_BYTES + REFRESH_SECRET_BYTES)
#define TOKEN_BYTES      (SIGNED_BYTES + REFRESH_MAC_BYTES)

static unsigned char
hex_value(char c)
{
	return (unsigned char)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* An id's text is lower-case hexadecimal with dashes. */
static void
id_to_bytes(const struct id *id, unsigned char out[ID_BYTES])
{
	const char *at = id->text;

	for (size_t i = 0; i < ID_BYTES; i++, at += 2) {
		if (*at == '-')
			at++;
		out[i] = (unsigned char)(hex_value(at[0]) << 4 | hex_value(at[1]));
	}
}

static void
id_from_bytes(const unsigned char bytes[ID_BYTES], struct id *out)
{
	char *at = out->text;

	for (size_t i = 0; i < ID_BYTES; i++, at += 2) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		hex_encode(bytes + i, 1, at);
	}
}

static void
serialise(const struct refresh_token *token, unsigned char out[TOKEN_BYTES])
{
	unsigned char *at = out + ID_BYTES;

	id_to_bytes(&token->session_id, out);
	for (int shift = 24; shift >= 0; shift -= 8)
		*at++ = (unsigned char)(token->generation >> shift & 0xFF);
	memcpy(at, token->secret, REFRESH_SECRET_BYTES);
	memcpy(at + REFRESH_SECRET_BYTES, token->mac, REFRESH_MAC_BYTES);
}

static void
hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
    unsigned char out[SHA256_DIGEST_LENGTH])
{
	unsigned written = 0;

	/* Fails only without memory. */
	check(HMAC(EVP_sha256(), key, (int)key_len, data, len, out, &written) != NULL &&
	    written == SHA256_DIGEST_LENGTH);
}

static void
compute_mac(const struct refresh_token *token, const unsigned char key[REFRESH_KEY_BYTES],
    unsigned char mac[REFRESH_MAC_BYTES])
{
	unsigned char bytes[TOKEN_BYTES];
	unsigned char digest[SHA256_DIGEST_LENGTH];

	serialise(token, bytes);
	hmac_sha256(key, REFRESH_KEY_BYTES, bytes, SIGNED_BYTES, digest);
	memcpy(mac, digest, REFRESH_MAC_BYTES);
	bytes_wipe(bytes, sizeof(bytes));
}

void
refresh_token_first(const struct id *session_id, const unsigned char key[REFRESH_KEY_BYTES],
    struct refresh_token *out)
{
	*out = (struct refresh_token){.session_id = *session_id, .generation = 1};
	random_bytes(out->secret, sizeof(out->secret));
	compute_mac(out, key, out->mac);
}

void
refresh_token_successor(const struct refresh_token *token,
    const unsigned char salt[REFRESH_SALT_BYTES], const unsigned char key[REFRESH_KEY_BYTES],
    struct refresh_token *out)
{
	struct refresh_token next = {
	    .session_id = token->session_id, .generation = token->generation + 1};

	hmac_sha256(token->secret, sizeof(token->secret), salt, REFRESH_SALT_BYTES, next.secret);
	compute_mac(&next, key, next.mac);
	*out = next;
	bytes_wipe(&next, sizeof(next));
}

bool
refresh_token_is_ours(const struct refresh_token *token, const unsigned char key[REFRESH_KEY_BYTES])
{
	unsigned char mac[REFRESH_MAC_BYTES];

	compute_mac(token, key, mac);
	return bytes_equal_secret(mac, sizeof(mac), token->mac, sizeof(token->mac));
}

enum err
refresh_token_parse(struct arena *arena, const char *text, struct refresh_token *out)
{
	struct refresh_token token = {.generation = 0};
	const unsigned char *at;
	struct span bytes;
	enum err err;

	if (strlen(text) != REFRESH_TOKEN_CHARS)
		return ERR_TOKEN_INVALID;
	err = base64url_decode(arena, text, REFRESH_TOKEN_CHARS, &bytes);
	if (err != ERR_OK)
		return err == ERR_MALFORMED ? ERR_TOKEN_INVALID : err;
	check(bytes.len == TOKEN_BYTES);
	at = (const unsigned char *)bytes.data;
	id_from_bytes(at, &token.session_id);
	at += ID_BYTES;
	for (size_t i = 0; i < GENERATION_BYTES; i++)
		token.generation = token.generation << 8 | *at++;
	if (token.generation == 0 || token.generation >= INT32_MAX)
		return ERR_TOKEN_INVALID;
	memcpy(token.secret, at, REFRESH_SECRET_BYTES);
	memcpy(token.mac, at + REFRESH_SECRET_BYTES, REFRESH_MAC_BYTES);
	*out = token;
	return ERR_OK;
}

const char *
refresh_token_text(struct arena *arena, const struct refresh_token *token)
{
	unsigned char bytes[TOKEN_BYTES];
	const char *text;

	serialise(token, bytes);
	text = base64url_encode(arena, bytes, sizeof(bytes));
	bytes_wipe(bytes, sizeof(bytes));
	return text;
}

const char *
refresh_token_hash(struct arena *arena, const struct refresh_token *token)
{
	unsigned char bytes[TOKEN_BYTES];
	unsigned char digest[SHA256_DIGEST_LENGTH];

	serialise(token, bytes);
	(void)SHA256(bytes, sizeof(bytes), digest);
	bytes_wipe(bytes, sizeof(bytes));
	return base64url_encode(arena, digest, sizeof(digest));
}
