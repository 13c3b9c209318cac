/*
 * edge/query: the query string, read like a JSON object: field by field, unknown ones refused,
 * every fault added with its `parameter`.
 *
 * Layer: edge.  One thread at a time.
 */
#ifndef SHARED_EDGE_QUERY_H
#define SHARED_EDGE_QUERY_H

#include "shared/edge/json.h"
#include "shared/edge/request.h"

#define QUERY_PARAMS_MAX 32

struct query {
	struct request *rq;
	struct {
		const char *name, *value;
		bool seen;
	} params[QUERY_PARAMS_MAX];
	size_t count;
};

/* Splits and decodes.  ERR_MALFORMED: a bad escape, invalid UTF-8, over QUERY_PARAMS_MAX.  A
 * repeated parameter is added as `duplicate`. */
MUST_USE enum err query_begin(struct query *query, struct request *rq);
void query_read_text(struct query *query, const char *name, const struct text_rule *rule,
    const char **out, bool *present);
void query_read_int(
    struct query *query, const char *name, int64_t min, int64_t max, int64_t *out, bool *present);
void query_read_bool(struct query *query, const char *name, bool *out, bool *present);
void query_read_id(struct query *query, const char *name, struct id *out, bool *present);
/* RFC 3339 date or time, to Unix ms. */
void query_read_time(struct query *query, const char *name, int64_t *out, bool *present);
void query_read_choice(
    struct query *query, const char *name, const char *const *choices, int *out, bool *present);
void query_fault(struct query *query, const char *name, enum field_code code, const char *detail);
/* Adds unknown parameters; ERR_VALIDATION when there was any fault. */
MUST_USE enum err query_end(struct query *query);
/* For a request that takes none: refuses every parameter.  ERR_VALIDATION, ERR_MALFORMED. */
MUST_USE enum err query_none(struct request *rq);

#endif
