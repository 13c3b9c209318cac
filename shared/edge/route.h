/*
 * edge/route: a program's whole surface as one const table.
 *
 * Layer: edge.  `PROGRAM --routes` prints the table for the test that holds it against
 * openapi.yaml.
 */
#ifndef SHARED_EDGE_ROUTE_H
#define SHARED_EDGE_ROUTE_H

#include <stddef.h>
#include <stdio.h>

#include "shared/edge/request.h"
#include "shared/edge/response.h"

struct app; /* each program defines its own: fixed after start, shared by all threads */

enum access {
	ACCESS_PUBLIC,   /* a token is not looked at */
	ACCESS_OPTIONAL, /* a token is verified when there is one (a bad one is 401) */
	ACCESS_BEARER,   /* 401 without a good token */
	ACCESS_ADMIN,    /* and 403 without the role */
	/* Public, on the service's own port: the gateway does not pass it.  Without limit by
	 * address: our own services ask, all from a few addresses. */
	ACCESS_INTERNAL
};

enum body_kind {
	BODY_NONE,          /* a body is refused: 415 with a Content-Type or 400 without */
	BODY_JSON,          /* application/json, required */
	BODY_JSON_OPTIONAL, /* nothing or application/json */
	BODY_MERGE_PATCH,   /* application/merge-patch+json or application/json */
	BODY_IMAGE          /* image/png, image/jpeg, image/webp */
};

#define BODY_JSON_MAX_BYTES ((size_t)1 << 20)

struct route {
	enum method method;  /* HEAD is answered wherever GET is; OPTIONS everywhere */
	const char *pattern; /* "/order/{id}/cancel": segments, {…} takes one whole segment */
	const char *operation_id;
	enum err (*handle)(const struct app *app, struct request *rq, struct response *rs);
	enum access access;
	enum body_kind body;
	size_t body_max_bytes; /* 0: BODY_JSON_MAX_BYTES */
	const char
	    *rate_limit; /* name of an extra limit by address ("register", "login"), or NULL */
};

/* Tables end with a row whose pattern is NULL.  Of two rows that fit a path the first one wins. */

/* METHOD_OTHER for any name but ours; names are case-sensitive (RFC 9110 §9.1). */
enum method method_parse(const char *name);
/* "GET"; "OTHER" for METHOD_OTHER. */
const char *method_name(enum method method);
/* "GET, HEAD, OPTIONS" for the or-ed METHODS, as Allow has it.  NULL at the arena's cap. */
char *method_list(struct arena *arena, unsigned methods);

/*
 * Finds the route of METHOD (HEAD counts as GET) and PATH and fills rq->params and rq->route.
 * ERR_NOT_FOUND for an unknown path or one that does not decode; ERR_METHOD for a known one, with
 * fault.allow set.  For METHOD_OPTIONS on a known path: ERR_OK, rq->route NULL, fault.allow set.
 */
MUST_USE enum err route_find(const struct route *routes, struct request *rq);
/* "METHOD pattern operationId access" a line, for --routes. */
void route_print(const struct route *routes, FILE *out);

#endif
