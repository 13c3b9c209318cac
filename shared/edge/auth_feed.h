/*
 * edge/auth_feed: what auth publishes for the other services: its keys and the sessions that ended.
 *
 * Layer: edge, for the verifier.  A thread of its own asks for both every POLL_MS (a little less,
 * by chance, so that pods don't ask in step; four times a second until the first answer), with
 * auth's ETags.  So a key that is removed or a session that ends is known here within POLL_MS.
 * With auth away what is known stays known.  Safe on any thread.
 */
#ifndef SHARED_EDGE_AUTH_FEED_H
#define SHARED_EDGE_AUTH_FEED_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/base/id.h"
#include "shared/edge/jwt_keys.h"

struct auth_feed;

/* Copies AUTH_URL, borrows CLOCK. */
MUST_USE enum err auth_feed_new(
    const char *auth_url, int64_t poll_ms, const struct clock *clock, struct auth_feed **out);
/* ERR_UNAVAILABLE: no thread could be made. */
MUST_USE enum err auth_feed_start(struct auth_feed *feed);
/* Stops and joins the thread, which may first have to wait for an answer, 2 s at most. */
void auth_feed_free(struct auth_feed **feed);

/*
 * A reference to the keys, and their generation: above 0, another one for each other set of keys.
 * NULL until auth has answered both questions once.
 */
struct jwt_key_set *auth_feed_keys(struct auth_feed *feed, uint64_t *generation);
bool auth_feed_session_ended(struct auth_feed *feed, const struct id *session_id);

/*
 * Asks for the keys out of turn and waits for the answer, 1 s at most; who comes while a question
 * is under way shares it.  Returns at once when the keys are less than a second old, or auth is
 * away: so a flood of tokens with invented kids makes one question a second and holds no worker for
 * long.
 */
void auth_feed_refetch_keys(struct auth_feed *feed);

/* Since auth last answered both questions, in ms; -1: never yet. */
int64_t auth_feed_age_ms(const struct auth_feed *feed);

#endif
