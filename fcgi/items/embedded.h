/*
 * items/embedded: what items and orders both carry inside: the key that made them with the answer
 * that was given, and the events that wait for the relay.
 *
 * Layer: domain, store.  Both are written in the same atomic write as what they tell of.
 *
 *   idempotency: {key, fingerprint, at, answer: {status, content_type, location, etag, body}}
 *   pending_events: [{id, type, at, traceparent, body}]
 *   relay: {due, token}   there while events wait: when a relay may take them, and which one did
 */
#ifndef FCGI_ITEMS_EMBEDDED_H
#define FCGI_ITEMS_EMBEDDED_H

#include <bson/bson.h>
#include <stdbool.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/base/id.h"
#include "shared/base/str.h"
#include "shared/edge/idempotency.h"

/* An Idempotency-Key as it is kept in a document. */
struct claim {
	const char *fingerprint;
	int64_t at_ms;
	bool has_answer;
	struct kept_answer answer;
};

/* Appends `idempotency`.  ANSWER may be NULL: none was given yet.  False: the document is full. */
bool embedded_put_claim(bson_t *document, const struct idempotency *idempotency, int64_t at_ms,
    const struct kept_answer *answer);
/* Appends an answer under NAME ("answer", "idempotency.answer"). */
bool embedded_put_answer(bson_t *document, const char *name, const struct kept_answer *answer);
/* Reads `idempotency` of a document; everything is copied into ARENA.  ERR_CORRUPT, ERR_MEMORY. */
MUST_USE enum err embedded_get_claim(
    struct arena *arena, const bson_t *document, struct claim *out);

struct pending_event {
	struct id id;
	const char *type;
	int64_t at_ms;
	const char *traceparent; /* or NULL */
	struct span body;        /* the whole CloudEvent */
};

/* Appends the event as a subdocument under NAME. */
bool embedded_put_event(bson_t *document, const char *name, const struct pending_event *event);
/* Appends to an update a $push of COUNT events. */
bool embedded_put_push(bson_t *update, const struct pending_event *events, size_t count);
/* Appends to a $set that the document's events are due: whatever pushes an event must. */
bool embedded_put_due(bson_t *set, const struct pending_event *event);
/* Appends `pending_events` with this one event, and `relay` with it due. */
bool embedded_put_events(bson_t *document, const struct pending_event *event);
/* Reads one element of `pending_events`; everything is copied into ARENA. */
MUST_USE enum err embedded_get_event(
    struct arena *arena, const bson_t *element, struct pending_event *out);

#endif
