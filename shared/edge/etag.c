#include "shared/edge/etag.h"

#include <openssl/sha.h>

void
etag_of(struct span body, char etag[ETAG_SIZE])
{
	unsigned char digest[SHA256_DIGEST_LENGTH];

	(void)SHA256((const unsigned char *)body.data, body.len, digest);
	etag[0] = '"';
	hex_encode(digest, (ETAG_SIZE - 3) / 2, etag + 1);
	etag[ETAG_SIZE - 2] = '"';
	etag[ETAG_SIZE - 1] = '\0';
}

enum err
etag_answer_json(const struct request *rq, struct response *rs)
{
	char etag[ETAG_SIZE];
	bool not_modified;

	TRY(response_json(rs, 200));
	etag_of(rs->body, etag);
	return response_etag(rs, rq, etag, &not_modified);
}
