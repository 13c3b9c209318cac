#include "fcgi/auth/seal.h"

#include <openssl/evp.h>
#include <string.h>

#include "shared/base/check.h"
#include "shared/base/cleanup.h"
#include "shared/base/id.h"

#define NONCE_BYTES 12
#define TAG_BYTES   16
#define SEALED_MAX  (NONCE_BYTES + SEAL_PLAIN_MAX + TAG_BYTES)

static void
context_free(EVP_CIPHER_CTX **context)
{
	EVP_CIPHER_CTX_free(*context);
}
#define auto_context AUTO_OF(context_free)

static void
say_about(EVP_CIPHER_CTX *context,
    int (*update)(EVP_CIPHER_CTX *, unsigned char *, int *, const unsigned char *, int),
    const char *about)
{
	int len;

	check(update(context, NULL, &len, (const unsigned char *)about, (int)strlen(about)) == 1);
}

enum err
seal_close(const unsigned char key[DERIVED_KEY_BYTES], struct arena *arena, struct span plain,
    const char *about, const char **out)
{
	auto_context EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	unsigned char sealed[SEALED_MAX];
	unsigned char *cipher = sealed + NONCE_BYTES;
	int len = 0;
	int rest = 0;

	check(plain.len <= SEAL_PLAIN_MAX);
	TRY_ALLOC(context);
	random_bytes(sealed, NONCE_BYTES);
	check(EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, sealed) == 1);
	say_about(context, EVP_EncryptUpdate, about);
	check(EVP_EncryptUpdate(
		  context, cipher, &len, (const unsigned char *)plain.data, (int)plain.len) == 1 &&
	    EVP_EncryptFinal_ex(context, cipher + len, &rest) == 1 && rest == 0 &&
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, cipher + plain.len) == 1);
	TRY_ALLOC(*out = base64url_encode(arena, sealed, NONCE_BYTES + plain.len + TAG_BYTES));
	return ERR_OK;
}

enum err
seal_open(const unsigned char key[DERIVED_KEY_BYTES], struct arena *arena, const char *sealed,
    const char *about, unsigned char *plain, size_t len)
{
	auto_context EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	unsigned char opened[SEAL_PLAIN_MAX];
	unsigned char tag[TAG_BYTES];
	const unsigned char *bytes;
	struct span span;
	int done = 0;
	bool is_ours;

	check(len <= SEAL_PLAIN_MAX);
	TRY_ALLOC(context);
	if (base64url_decode(arena, sealed, strlen(sealed), &span) != ERR_OK)
		return arena_overflowed(arena) ? ERR_MEMORY : ERR_CORRUPT;
	if (span.len != NONCE_BYTES + len + TAG_BYTES)
		return ERR_CORRUPT;
	bytes = (const unsigned char *)span.data;
	memcpy(tag, bytes + NONCE_BYTES + len, TAG_BYTES);
	check(EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, bytes) == 1);
	say_about(context, EVP_DecryptUpdate, about);
	check(EVP_DecryptUpdate(context, opened, &done, bytes + NONCE_BYTES, (int)len) == 1 &&
	    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) == 1);
	is_ours = EVP_DecryptFinal_ex(context, opened + done, &done) == 1;
	if (is_ours)
		memcpy(plain, opened, len);
	bytes_wipe(opened, sizeof(opened));
	return is_ours ? ERR_OK : ERR_CORRUPT;
}
