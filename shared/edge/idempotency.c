#include "shared/edge/idempotency.h"

#include <openssl/evp.h>
#include <string.h>

#include "shared/edge/route.h"

static bool
is_visible(char c)
{
	return c > 0x20 && c < 0x7F;
}

/* VALUE, an RFC 8941 string or a bare key, without quotes and escapes; NULL when it is neither. */
static char *
unquote(struct arena *arena, const char *value)
{
	bool quoted = *value == '"';
	size_t len = 0;
	char *key = arena_alloc(arena, IDEMPOTENCY_KEY_MAX + 1);

	if (key == NULL)
		return NULL;
	value += quoted;
	for (; *value != '\0' && !(quoted && *value == '"'); value++) {
		if (quoted && *value == '\\') {
			value++;
			if (*value != '"' && *value != '\\')
				return NULL;
		}
		if (!is_visible(*value) || len == IDEMPOTENCY_KEY_MAX)
			return NULL;
		key[len++] = *value;
	}
	if (quoted && (value[0] != '"' || value[1] != '\0'))
		return NULL;
	return len > 0 ? key : NULL;
}

/* Length first, so that no two requests are hashed alike. */
static bool
hash_piece(EVP_MD_CTX *hash, const char *bytes, size_t len)
{
	unsigned char length[8];

	for (size_t i = 0; i < sizeof(length); i++)
		length[i] = (unsigned char)((uint64_t)len >> (56 - 8 * i) & 0xFF);
	return EVP_DigestUpdate(hash, length, sizeof(length)) == 1 &&
	    EVP_DigestUpdate(hash, bytes, len) == 1;
}

static enum err
fingerprint(const struct request *rq, char out[65])
{
	const char *method = method_name(rq->method);
	unsigned char digest[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *hash = EVP_MD_CTX_new();
	bool done;

	TRY_ALLOC(hash);
	done = EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1 &&
	    hash_piece(hash, method, strlen(method)) &&
	    hash_piece(hash, rq->path, strlen(rq->path)) &&
	    hash_piece(hash, rq->query, strlen(rq->query)) &&
	    hash_piece(hash, rq->body.data, rq->body.len) &&
	    EVP_DigestFinal_ex(hash, digest, NULL) == 1;
	EVP_MD_CTX_free(hash);
	if (!done)
		return ERR_INTERNAL;
	hex_encode(digest, 32, out);
	return ERR_OK;
}

enum err
idempotency_read(struct request *rq, struct idempotency *out)
{
	const char *value = request_header(rq, "Idempotency-Key");
	struct idempotency read = {0};

	if (value != NULL) {
		read.key = unquote(rq->arena, value);
		if (read.key == NULL)
			return fault_set(&rq->fault, ERR_MALFORMED,
			    "Idempotency-Key must be 1 to %d visible ASCII characters.",
			    IDEMPOTENCY_KEY_MAX);
		TRY(fingerprint(rq, read.fingerprint));
	}
	*out = read;
	return ERR_OK;
}

enum err
idempotency_replay(const struct kept_answer *kept, struct response *rs)
{
	if (kept->location != NULL)
		TRY(response_location(rs, "%s", kept->location));
	if (kept->etag != NULL)
		TRY(response_header(rs, "ETag", "%s", kept->etag));
	TRY(response_header(rs, "Idempotency-Replayed", "true"));
	if (kept->content_type == NULL)
		return response_empty(rs, kept->status);
	return response_bytes(rs, kept->status, kept->content_type, kept->body);
}
