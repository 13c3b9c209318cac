/*
 * infra/resolver: may a host that somebody named be called?
 *
 * Layer: infra.  Its addresses of this moment, by address_policy: whoever calls it later must look
 * again.  getaddrinfo blocks for as long as it likes: it runs on threads of its own, a few at once,
 * and each is waited for within a limit, so that a name whose servers are silent holds up nobody.
 * Safe on any thread.
 */
#ifndef SHARED_INFRA_RESOLVER_H
#define SHARED_INFRA_RESOLVER_H

#include <stdbool.h>

#include "shared/base/cleanup.h"
#include "shared/base/clock.h"
#include "shared/base/err.h"

struct resolver;

MUST_USE enum err resolver_new(struct resolver **out);
void resolver_free(struct resolver **resolver);

/* Is HOST an address, in any form that a resolver takes for one (127.1, 0x7f000001)?  Then *WHAT is
 * NULL where it is public, else what it is.  Asks nobody. */
bool resolver_is_address(const char *host, const char **what);
/*
 * *WHAT: NULL when all addresses of HOST are public, else what the first other one is.
 * ERR_NOT_FOUND: there are none; ERR_DEADLINE: not known in time; ERR_BUSY: too many ask.
 */
MUST_USE enum err resolver_check(struct resolver *resolver, const struct deadline *deadline,
    const char *host, const char **what);

#endif
