/*
 * edge/idempotency: the Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header).
 *
 * Layer: edge.  Parsing, the request's fingerprint, and the replay of a kept answer; keeping it is
 * the domain's store's business, in the same document or transaction as the work itself.
 */
#ifndef SHARED_EDGE_IDEMPOTENCY_H
#define SHARED_EDGE_IDEMPOTENCY_H

#include "shared/edge/request.h"
#include "shared/edge/response.h"

#define IDEMPOTENCY_KEY_MAX 255
#define IDEMPOTENCY_KEPT_MS ((int64_t)24 * 3600 * 1000)

struct idempotency {
	const char *key; /* NULL: the request has none */
	char fingerprint
	    [65]; /* SHA-256 over method, path, query and body, hexadecimal; "" without a key */
};

/* A first answer, kept: replayed byte for byte. */
struct kept_answer {
	int status;
	const char *content_type;
	const char *location; /* or NULL */
	const char *etag;     /* or NULL */
	struct span body;
};

/* Reads the header, quoted or bare.  ERR_MALFORMED when it is not 1–255 visible ASCII. */
MUST_USE enum err idempotency_read(struct request *rq, struct idempotency *out);
/* RS becomes the kept answer with `Idempotency-Replayed: true`. */
MUST_USE enum err idempotency_replay(const struct kept_answer *kept, struct response *rs);

#endif
