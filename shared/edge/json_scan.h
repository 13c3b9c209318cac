/*
 * edge/json_scan: is this JSON?  RFC 8259's grammar, whole, without a tree.
 *
 * Layer: edge, for json_parse alone.  Linear in the text, no recursion, no memory.
 */
#ifndef SHARED_EDGE_JSON_SCAN_H
#define SHARED_EDGE_JSON_SCAN_H

#include <stddef.h>

#include "shared/base/err.h"
#include "shared/base/str.h"

#define JSON_DEPTH_MAX 32
#define JSON_NULS_MAX  16

struct json_scan {
	const char *why; /* what is wrong, for a person */
	size_t offset;   /* and at which byte */
	/* Which strings (members' names don't count), from 0 in the text's order, hold a NUL. */
	size_t nul_strings[JSON_NULS_MAX];
	size_t nul_count;
};

/* ERR_MALFORMED with `why` and `offset`, which are written then only; the rest is always. */
MUST_USE enum err json_scan(struct span text, size_t values_max, struct json_scan *out);

#endif
