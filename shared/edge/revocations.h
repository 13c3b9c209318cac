/*
 * edge/revocations: sessions that ended while a token of theirs may still be alive.
 *
 * Layer: edge, for the verifier.  One writer merges what auth answers to GET /auth/revoked; readers
 * look sessions up in an immutable sorted list under a read lock, so that they don't wait for each
 * other.  Safe on any thread, with one writer.
 */
#ifndef SHARED_EDGE_REVOCATIONS_H
#define SHARED_EDGE_REVOCATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/err.h"
#include "shared/base/id.h"
#include "shared/base/str.h"

/* How long a session is remembered after its end: tokens live 15 minutes, and clocks may differ. */
#define REVOCATIONS_KEEP_MS INT64_C(3600000)

struct revocations;

MUST_USE enum err revocations_new(struct revocations **out);
void revocations_free(struct revocations **revocations);

bool revocations_contain(struct revocations *revocations, const struct id *session_id);
size_t revocations_count(struct revocations *revocations);

/*
 * Adds the sessions of {"sessions":[{"sid","at"}],"now"} and forgets those that ended more than
 * REVOCATIONS_KEEP_MS before "now".  *ADDED: how many were not known; *NOW_MS: auth's clock.
 * ERR_MALFORMED, ERR_MEMORY: nothing is changed.
 */
MUST_USE enum err revocations_merge(
    struct revocations *revocations, struct span json, size_t *added, int64_t *now_ms);

#endif
