/*
 * An access token.  The first line is tried as it is; the next two are header and claims, signed
 * here by a known key, so that what stands behind the signature is reached, too.
 */
#include "tests/fuzz/fuzz.h"

#include <openssl/evp.h>

#include "shared/edge/jwt.h"
#include "shared/edge/principal.h"
#include "tests/unit/edge/forge.h"

static struct jwt_key *key;
static struct jwt_key_set *set;

static void
make_key(void)
{
	struct jwt_key *copy = NULL;
	struct arena *arena;
	const char *pem;
	EVP_PKEY *pair;

	check(arena_new(FUZZ_ARENA_BYTES, &arena) == ERR_OK);
	pair = EVP_EC_gen("P-256");
	check(pair != NULL);
	pem = forge_pem(arena, pair, true);
	check(jwt_key_from_pem(span_of(pem, strlen(pem)), &key) == ERR_OK);
	check(jwt_key_from_pem(span_of(pem, strlen(pem)), &copy) == ERR_OK);
	check(jwt_key_set_new(&set) == ERR_OK && jwt_key_set_add(set, &copy) == ERR_OK);
	EVP_PKEY_free(pair);
	arena_free(&arena);
}

static void
verify(struct arena *arena, const char *token)
{
	static const struct jwt_expect expect = {
	    .issuer = "shop", .audience = "shop", .now_s = 1800000000};
	struct jwt_claims claims;
	bool unknown_kid;
	const char *why;

	if (jwt_verify(set, &expect, arena, token, &claims, &unknown_kid, &why) != ERR_OK)
		return;
	check(str_equal(claims.issuer, "shop") && str_equal(claims.audience, "shop"));
	check(claims.expires_at_s > expect.now_s - JWT_CLOCK_SKEW_S - 1);
	check(fuzz_is_id(&claims.subject) && fuzz_is_id(&claims.session_id));
	check(utf8_valid(claims.email, strlen(claims.email)));
	check((claims.roles & ~(unsigned)(ROLE_CUSTOMER | ROLE_ADMIN)) == 0);
}

/* "KID" in the header stands for the key's own. */
static const char *
with_kid(struct arena *arena, const char *header)
{
	const char *at = strstr(header, "KID");

	if (at == NULL)
		return header;
	return arena_printf(arena, "%.*s%s%s", (int)(at - header), header, jwt_key_id(key), at + 3);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = fuzz_arena();
	unsigned char signature[JWT_SIGNATURE_BYTES];
	const char *message, *header, *claims;

	if (key == NULL)
		make_key();
	verify(arena, fuzz_line(arena, &data, &size));
	if (size == 0)
		return 0;
	header = with_kid(arena, fuzz_line(arena, &data, &size));
	claims = fuzz_text(arena, data, size);
	message = forge_signed_part(arena, header, claims);
	check(jwt_key_sign(key, span_of(message, strlen(message)), signature) == ERR_OK);
	verify(arena, forge_join(arena, message, signature, sizeof(signature)));
	return 0;
}
