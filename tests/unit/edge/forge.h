/*
 * tests/unit/edge/forge: tokens made by OpenSSL directly, good ones and bad, independent of
 * edge/jwt.  All texts live in the arena.  Failures end the program: they are the test's own.
 */
#ifndef TESTS_UNIT_EDGE_FORGE_H
#define TESTS_UNIT_EDGE_FORGE_H

#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "shared/base/arena.h"
#include "shared/base/check.h"
#include "shared/base/str.h"

/* A member of a JSON object; JSON is NULL where it is to be left out. */
struct forge_member {
	const char *name;
	const char *json;
};

/* MEMBERS end with a NULL name. */
static inline const char *
forge_object(struct arena *arena, const struct forge_member *members)
{
	const char *json = "";

	for (; members->name != NULL; members++)
		if (members->json != NULL)
			json = arena_printf(arena, "%s%s\"%s\":%s", json, *json != '\0' ? "," : "",
			    members->name, members->json);
	return arena_printf(arena, "{%s}", json);
}

static inline const char *
forge_encode(struct arena *arena, const char *text)
{
	return base64url_encode(arena, text, strlen(text));
}

/* "header.payload" */
static inline const char *
forge_signed_part(struct arena *arena, const char *header, const char *payload)
{
	return arena_printf(
	    arena, "%s.%s", forge_encode(arena, header), forge_encode(arena, payload));
}

static inline const char *
forge_join(struct arena *arena, const char *signed_part, const void *signature, size_t len)
{
	return arena_printf(arena, "%s.%s", signed_part, base64url_encode(arena, signature, len));
}

/* The signature as OpenSSL makes it; SIGNATURE of at least 512 bytes. */
static inline size_t
forge_raw_signature(EVP_PKEY *key, const char *message, unsigned char *signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t len = 512;

	check(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1);
	check(EVP_DigestSign(
		  context, signature, &len, (const unsigned char *)message, strlen(message)) == 1);
	EVP_MD_CTX_free(context);
	return len;
}

static inline const char *
forge_es256(struct arena *arena, EVP_PKEY *key, const char *header, const char *payload)
{
	const char *message = forge_signed_part(arena, header, payload);
	unsigned char der[512];
	unsigned char raw[64];
	const unsigned char *at = der;
	ECDSA_SIG *signature;
	size_t len = forge_raw_signature(key, message, der);

	signature = d2i_ECDSA_SIG(NULL, &at, (long)len);
	check(signature != NULL);
	check(BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, 32) == 32);
	check(BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + 32, 32) == 32);
	ECDSA_SIG_free(signature);
	return forge_join(arena, message, raw, sizeof(raw));
}

/* With an RSA key: RS256. */
static inline const char *
forge_rs256(struct arena *arena, EVP_PKEY *key, const char *header, const char *payload)
{
	const char *message = forge_signed_part(arena, header, payload);
	unsigned char signature[512];
	size_t len = forge_raw_signature(key, message, signature);

	return forge_join(arena, message, signature, len);
}

static inline const char *
forge_hs256(struct arena *arena, const void *secret, size_t secret_len, const char *header,
    const char *payload)
{
	const char *message = forge_signed_part(arena, header, payload);
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	check(HMAC(EVP_sha256(), secret, (int)secret_len, (const unsigned char *)message,
		  strlen(message), mac, &len) != NULL);
	return forge_join(arena, message, mac, len);
}

static inline const char *
forge_none(struct arena *arena, const char *header, const char *payload)
{
	return arena_printf(arena, "%s.", forge_signed_part(arena, header, payload));
}

/* KEY's PEM: of its private part, or, as anybody has it, of its public one. */
static inline const char *
forge_pem(struct arena *arena, EVP_PKEY *key, bool is_private)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	const char *pem;
	long len;

	if (is_private)
		check(PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1);
	else
		check(PEM_write_bio_PUBKEY(bio, key) == 1);
	len = BIO_get_mem_data(bio, &data);
	pem = arena_memdup(arena, data, (size_t)len);
	BIO_free_all(bio);
	return pem;
}

#endif
