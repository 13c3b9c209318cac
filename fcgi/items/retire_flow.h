/*
 * items/retire_flow: an account is deleted, and what it sold leaves the catalogue.
 *
 * Layer: domain.
 */
#ifndef FCGI_ITEMS_RETIRE_FLOW_H
#define FCGI_ITEMS_RETIRE_FLOW_H

#include "fcgi/items/call.h"
#include "fcgi/items/shop.h"

/*
 * Archives the items of SELLER, each with its event, and then takes all that a person wrote from
 * them; orders keep the names that were sold.  Whatever it did before may be done again.
 */
MUST_USE enum err retire_seller(
    struct shop *shop, const struct call *call, const struct id *seller);

#endif
