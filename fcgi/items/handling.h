/*
 * items/handling: what the handlers have in common.
 *
 * Layer: domain, handlers.
 */
#ifndef FCGI_ITEMS_HANDLING_H
#define FCGI_ITEMS_HANDLING_H

#include "fcgi/items/app.h"
#include "fcgi/items/call.h"
#include "fcgi/items/item_change.h"
#include "shared/edge/request.h"
#include "shared/edge/response.h"

/* IDEMPOTENCY may be NULL; borrowed, as RQ is. */
struct call handling_call(struct request *rq, const struct idempotency *idempotency);
/* The answer whose JSON is in rs->buf.  LOCATION and ETAG live in the arena; ERR_MEMORY, also when
 * one of them is NULL. */
MUST_USE enum err handling_answer(struct response *rs, int status, const char *location,
    const char *etag, struct kept_answer *out);
/* Items and images may be for signed-in people alone.  ERR_TOKEN_MISSING. */
MUST_USE enum err handling_check_reader(const struct app *app, const struct request *rq);

struct item_precondition {
	struct request *rq;
	bool required; /* If-Match must be there */
};
/* If-Match against the item as it is when it is changed.  ERR_PRECONDITION_REQUIRED,
 * ERR_PRECONDITION. */
struct item_guard handling_guard(struct item_precondition *precondition);
/* A first answer, whose JSON is in rs->buf, or a kept one. */
MUST_USE enum err handling_respond(
    struct response *rs, const struct kept_answer *answer, bool replayed);

#endif
