/*
 * edge/client_address: whose request is it, behind how many proxies?
 *
 * Layer: edge.  Only what trusted proxies appended is believed: Forwarded (RFC 7239) and, without
 * it, X-Forwarded-For and X-Forwarded-Proto are walked from the right, as long as the hop that
 * wrote an entry is trusted.
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
