/*
 * edge/page: keyset pages: `limit`, opaque signed cursors, the list envelope, Link rel=next.
 *
 * Layer: edge.  A cursor holds the last row's sort key and id and the hash of the query it
 * belongs to, signed by HMAC-SHA256 with CURSOR_SECRET, so that it can be neither forged nor used
 * with another filter.
 */
#ifndef SHARED_EDGE_PAGE_H
#define SHARED_EDGE_PAGE_H

#include "shared/base/config.h"
#include "shared/edge/query.h"
#include "shared/edge/response.h"

#define PAGE_LIMIT_MAX     100
#define PAGE_LIMIT_DEFAULT 20

struct page_settings {
	const char *cursor_secret; /* CURSOR_SECRET */
};

extern const struct config_row page_settings_rows[];

/* What page_read and page_finish sign with; borrowed. */
struct span page_secret(const struct page_settings *settings);

struct page {
	int64_t limit;
	bool has_after;
	/* The last row shown, when has_after: its sort key as a number or a text, and its id. */
	int64_t after_number;
	const char *after_text; /* NULL unless the key is a text */
	struct id after_id;
};

struct page_key { /* where the next page starts: the last row of this one */
	int64_t number;
	const char *text; /* NULL unless the key is a text */
	struct id id;
};

/*
 * Reads `limit` and `cursor` of QUERY (call before query_end).  SECRET signs; SCOPE is the list's
 * name.  The filter a cursor belongs to is the whole query string but `cursor` and `limit`.
 * A bad cursor is added as bad_format.
 */
void page_read(struct query *query, struct span secret, const char *scope, struct page *out);
/*
 * Ends the answer that json_array "data" was written to: closes the array, adds `next_cursor` (and
 * the Link header) from NEXT, or null when NEXT is NULL, closes the object, sets status 200.
 */
MUST_USE enum err page_finish(struct query *query, struct response *rs, struct json_writer *w,
    struct span secret, const char *scope, const struct page_key *next);

#endif
