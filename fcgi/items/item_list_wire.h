/*
 * items/item_list_wire: the query string of GET /item to a filter.
 *
 * Layer: domain, wire.
 */
#ifndef FCGI_ITEMS_ITEM_LIST_WIRE_H
#define FCGI_ITEMS_ITEM_LIST_WIRE_H

#include "fcgi/items/item_query.h"
#include "shared/edge/query.h"

/* Reads all but `limit` and `cursor`; faults are added to QUERY's, for query_end to report.
 * ERR_MEMORY. */
MUST_USE enum err item_filter_read(struct query *query, struct item_filter *out);

#endif
