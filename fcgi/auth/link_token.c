#include "fcgi/auth/link_token.h"

#include <openssl/sha.h>
#include <string.h>

#include "shared/base/id.h"
#include "shared/base/str.h"

#define TOKEN_BYTES 32

static enum err
keep(struct arena *arena, const void *secret, const char **kept)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];

	(void)SHA256(secret, TOKEN_BYTES, digest);
	*kept = base64url_encode(arena, digest, sizeof(digest));
	return *kept != NULL ? ERR_OK : ERR_MEMORY;
}

enum err
link_token_new(struct arena *arena, const char **token, const char **kept)
{
	unsigned char secret[TOKEN_BYTES];
	enum err err;

	random_bytes(secret, sizeof(secret));
	*token = base64url_encode(arena, secret, sizeof(secret));
	err = keep(arena, secret, kept);
	bytes_wipe(secret, sizeof(secret));
	return *token != NULL ? err : ERR_MEMORY;
}

enum err
link_token_kept(struct arena *arena, const char *token, const char **kept)
{
	struct span secret;
	enum err err = base64url_decode(arena, token, strlen(token), &secret);

	if (err == ERR_MALFORMED || (err == ERR_OK && secret.len != TOKEN_BYTES))
		return ERR_TOKEN_SPENT;
	TRY(err);
	return keep(arena, secret.data, kept);
}
