/*
 * items/handlers_stats: /stats.
 *
 * Layer: domain, handlers.
 */
#ifndef FCGI_ITEMS_HANDLERS_STATS_H
#define FCGI_ITEMS_HANDLERS_STATS_H

#include "shared/edge/route.h"

/* GET /stats/sales: 200 and what the caller sold, by interval and currency.  ERR_VALIDATION. */
MUST_USE enum err handle_get_sales_statistics(
    const struct app *app, struct request *rq, struct response *rs);

#endif
