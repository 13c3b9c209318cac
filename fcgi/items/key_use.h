/*
 * items/key_use: one key, two kinds of request.
 *
 * Layer: domain.  A key of POST /item is claimed in item_claims, one of a purchase in its order,
 * and neither store sees the other's: whoever is about to claim asks here first.  Two that ask at
 * the same moment may both claim; each then has its own answer again when it is repeated, which is
 * why a caller looks among its own kind before it refuses.
 */
#ifndef FCGI_ITEMS_KEY_USE_H
#define FCGI_ITEMS_KEY_USE_H

#include <stdbool.h>

#include "fcgi/items/call.h"
#include "fcgi/items/shop.h"

/* Does the caller's key stand for an item, since less than a day? */
MUST_USE enum err key_use_listed(struct shop *shop, const struct call *call, bool *out);
/* For an order? */
MUST_USE enum err key_use_bought(struct shop *shop, const struct call *call, bool *out);

#endif
