/*
 * items/handlers_category: /category.
 *
 * Layer: domain, handlers.
 */
#ifndef FCGI_ITEMS_HANDLERS_CATEGORY_H
#define FCGI_ITEMS_HANDLERS_CATEGORY_H

#include "shared/edge/route.h"

/* GET /category: 200 and the categories with their numbers of items, or 304.  ERR_TOKEN_MISSING. */
MUST_USE enum err handle_list_categories(
    const struct app *app, struct request *rq, struct response *rs);

#endif
