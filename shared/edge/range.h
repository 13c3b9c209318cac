/*
 * edge/range: which part of a representation is asked for (RFC 9110 §14).
 *
 * Layer: edge.  One range of bytes is served; several at once are answered with the whole.  Pure.
 */
#ifndef SHARED_EDGE_RANGE_H
#define SHARED_EDGE_RANGE_H

#include <stdint.h>

#include "shared/edge/request.h"

enum range_kind {
	RANGE_WHOLE,          /* none was asked for, or nothing that must be heeded */
	RANGE_PART,           /* 206 */
	RANGE_NOT_SATISFIABLE /* 416 */
};

struct byte_range { /* both included */
	int64_t first, last;
};

/* The value of Range, for LENGTH bytes (> 0). */
enum range_kind range_parse(const char *value, int64_t length, struct byte_range *out);
/* The same of a request, whose If-Range must name the strong ETAG where there is one. */
enum range_kind range_of_request(
    const struct request *rq, const char *etag, int64_t length, struct byte_range *out);

#endif
