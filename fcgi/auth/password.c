#include "fcgi/auth/password.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "fcgi/auth/common_passwords.h"
#include "fcgi/auth/text_form.h"
#include "shared/base/check.h"
#include "shared/base/id.h"
#include "shared/base/str.h"

#define PREFIX     "$2b$"
#define PREFIX_LEN 4
#define COST_MIN   4
#define COST_MAX   31
#define SALT_BYTES 16
#define SALT_CHARS 22
#define HASH_CHARS 31
#define HEAD_LEN   7 /* "$2b$12$" */

static const char bcrypt_alphabet[] =
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

enum err
password_normalise(struct arena *arena, const char *text, const char **out)
{
	return text_form_normal(arena, text, out);
}

enum err
password_judge(struct arena *arena, const char *normal, bool *allowed, enum field_code *code,
    const char **detail)
{
	size_t length = utf8_length(normal);
	const char *folded;

	*allowed = false;
	if (length < PASSWORD_CHARS_MIN) {
		*code = FIELD_TOO_SHORT;
		*detail = "At least 8 characters.";
		return ERR_OK;
	}
	if (length > PASSWORD_CHARS_MAX) {
		*code = FIELD_TOO_LONG;
		*detail = "At most 128 characters.";
		return ERR_OK;
	}
	TRY(text_form_folded(arena, normal, &folded));
	if (common_password(folded)) {
		*code = FIELD_PASSWORD_COMMON;
		*detail = "It is one of the passwords that guessers try first.";
		return ERR_OK;
	}
	*allowed = true;
	return ERR_OK;
}

enum err
password_tells_owner(
    struct arena *arena, const char *normal, const char *email, const char *name, bool *out)
{
	const char *folded;
	const char *folded_email;
	const char *folded_name;
	const char *local_part;

	TRY(text_form_folded(arena, normal, &folded));
	TRY(text_form_folded(arena, email, &folded_email));
	TRY(text_form_folded(arena, name, &folded_name));
	TRY_ALLOC(local_part = arena_memdup(arena, folded_email, strcspn(folded_email, "@")));
	*out = str_equal(folded, folded_email) || str_equal(folded, local_part) ||
	    str_equal(folded, folded_name);
	return ERR_OK;
}

void
password_prehash(const char *pepper, const char *normal, char out[PASSWORD_PREHASH_SIZE])
{
	unsigned char digest[SHA384_DIGEST_LENGTH];
	unsigned len = 0;

	check(HMAC(EVP_sha384(), pepper, (int)strlen(pepper), (const unsigned char *)normal,
		  strlen(normal), digest, &len) != NULL &&
	    len == sizeof(digest));
	check(EVP_EncodeBlock((unsigned char *)out, digest, sizeof(digest)) ==
	    PASSWORD_PREHASH_SIZE - 1);
	bytes_wipe(digest, sizeof(digest));
}

void
password_pepper_id(const char *pepper, char out[PASSWORD_PEPPER_ID_SIZE])
{
	static const char label[] = "pepper id";
	unsigned char digest[SHA384_DIGEST_LENGTH];
	unsigned len = 0;

	check(HMAC(EVP_sha384(), pepper, (int)strlen(pepper), (const unsigned char *)label,
		  sizeof(label) - 1, digest, &len) != NULL);
	hex_encode(digest, (PASSWORD_PEPPER_ID_SIZE - 1) / 2, out);
}

/* 16 random bytes in bcrypt's own base64, which is MSB first over its alphabet. */
void
password_setting(int64_t cost, char out[PASSWORD_SETTING_SIZE])
{
	unsigned char salt[SALT_BYTES];
	uint32_t bits = 0;
	unsigned held = 0;
	size_t at = HEAD_LEN;
	int len;

	check(cost >= COST_MIN && cost <= COST_MAX);
	len = snprintf(out, PASSWORD_SETTING_SIZE, PREFIX "%02" PRId64 "$", cost);
	check(len == HEAD_LEN);
	random_bytes(salt, sizeof(salt));
	for (size_t i = 0; i < sizeof(salt); i++) {
		bits = bits << 8 | salt[i];
		for (held += 8; held >= 6; held -= 6)
			out[at++] = bcrypt_alphabet[bits >> (held - 6) & 63];
	}
	/* Two bits are left: the last character holds them on top of four zeros. */
	out[at++] = bcrypt_alphabet[bits << (6 - held) & 63];
	check(at == HEAD_LEN + SALT_CHARS);
	out[at] = '\0';
}

void
password_dummy(int64_t cost, char out[PASSWORD_HASH_SIZE])
{
	unsigned char random[HASH_CHARS];

	password_setting(cost, out);
	random_bytes(random, sizeof(random));
	for (size_t i = 0; i < HASH_CHARS; i++)
		out[HEAD_LEN + SALT_CHARS + i] = bcrypt_alphabet[random[i] & 63];
	out[PASSWORD_HASH_SIZE - 1] = '\0';
}

int64_t
password_stored_cost(const char *stored)
{
	int64_t cost;

	if (strlen(stored) != PASSWORD_HASH_SIZE - 1 || strncmp(stored, PREFIX, PREFIX_LEN) != 0 ||
	    stored[HEAD_LEN - 1] != '$' || stored[4] < '0' || stored[4] > '9' || stored[5] < '0' ||
	    stored[5] > '9')
		return -1;
	cost = (stored[4] - '0') * 10 + (stored[5] - '0');
	if (cost < COST_MIN || cost > COST_MAX)
		return -1;
	return strspn(stored + HEAD_LEN, bcrypt_alphabet) == SALT_CHARS + HASH_CHARS ? cost : -1;
}
