/*
 * items/items_metrics: what items tells Prometheus beside what the edge does.
 */
#ifndef FCGI_ITEMS_ITEMS_METRICS_H
#define FCGI_ITEMS_ITEMS_METRICS_H

#include "shared/base/err.h"
#include "shared/edge/route.h"

/* For struct service. */
void items_metrics_collect(const struct app *app);
/* One purchase ended in ERR; REPLAYED: with the answer its key was given before. */
void items_metrics_purchase(const struct app *app, enum err err, bool replayed);

#endif
