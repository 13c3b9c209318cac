/*
 * edge/auth_questions: the two questions a service asks auth again and again, over HTTP.
 *
 * Layer: edge, for auth_feed.  One thread at a time.
 */
#ifndef SHARED_EDGE_AUTH_QUESTIONS_H
#define SHARED_EDGE_AUTH_QUESTIONS_H

#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/edge/jwt_keys.h"
#include "shared/edge/revocations.h"

struct auth_questions;

/* AUTH_URL is copied; answers to the second question go to REVOCATIONS, which is borrowed. */
MUST_USE enum err auth_questions_new(
    const char *auth_url, struct revocations *revocations, struct auth_questions **out);
void auth_questions_free(struct auth_questions **questions);

/*
 * GET /auth/.well-known/jwks.json.  *KEYS: a new set, or untouched when auth has said the same as
 * last time.  ERR_UNAVAILABLE: no answer, or none that can be used; ERR_DEADLINE, ERR_MEMORY.
 */
MUST_USE enum err auth_questions_keys(
    struct auth_questions *questions, const struct deadline *deadline, struct jwt_key_set **keys);
/* GET /auth/revoked.  Errors as above. */
MUST_USE enum err auth_questions_revoked(
    struct auth_questions *questions, const struct deadline *deadline);

#endif
