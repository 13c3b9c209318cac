/*
 * edge/client_address: whose request is it, behind how many proxies?
 *
 * Layer: edge.  Only what trusted proxies appended is believed: X-Forwarded-For, with
 * X-Forwarded-Proto, and without it Forwarded (RFC 7239) are walked from the right, as long as the
 * hop that wrote an entry is trusted.  Never both: nearly all proxies write the former and let
 * through what a client says by the latter.
 */
#ifndef SHARED_EDGE_CLIENT_ADDRESS_H
#define SHARED_EDGE_CLIENT_ADDRESS_H

#include <stdbool.h>

#include "shared/edge/request.h"

/*
 * Fills rq->address (in its canonical form) and rq->secure from PEER, the address that connected,
 * from whether HTTPS came in, and from rq->headers.  TRUSTED is a list of networks (config.h).
 */
MUST_USE enum err client_address_find(
    struct request *rq, const char *peer, bool https, const char *trusted);
/* What a limit by address counts: an IPv4 address, or the /64 of an IPv6 one.  NULL at the cap. */
const char *client_address_rate_key(struct arena *arena, const char *address);

#endif
