/*
 * edge/verifier: checks access tokens in a service that is not auth.
 *
 * Layer: edge.  Keys come from auth's JWKS (cached; refetched on an unknown kid, at most once a
 * second; refreshed every 5 minutes), revoked sessions from auth's list, polled every 2 s by a
 * background thread.  With auth away it goes on with what it knows.  Verified tokens are
 * remembered until they expire, in a table of fixed size, so that a hot token costs one SHA-256.
 * A revoked session's tokens are refused from the poll on.  Safe on any thread.
 */
#ifndef SHARED_EDGE_VERIFIER_H
#define SHARED_EDGE_VERIFIER_H

#include "shared/base/clock.h"
#include "shared/base/config.h"
#include "shared/base/err.h"
#include "shared/edge/principal.h"

struct verifier_settings {
	const char *auth_url;  /* AUTH_URL: base address of auth's own port */
	const char *issuer;    /* JWT_ISSUER */
	const char *audience;  /* JWT_AUDIENCE */
	int64_t poll_ms;       /* REVOCATION_POLL, default 2000 */
};

struct verifier;

MUST_USE enum err verifier_new(const struct verifier_settings *settings, const struct clock *clock,
			       struct verifier **out);
/* Starts the thread (signals blocked by the caller).  Never waits for auth: until the first JWKS
 * came, a token is ERR_UNAVAILABLE. */
MUST_USE enum err verifier_start(struct verifier *verifier);
void verifier_free(struct verifier **verifier); /* stops and joins the thread */
/* For struct service. */
struct authenticator verifier_authenticator(struct verifier *verifier);
/* How long ago auth answered last, in ms; -1: never yet.  For /readyz and a gauge. */
int64_t verifier_age_ms(const struct verifier *verifier);

#endif
