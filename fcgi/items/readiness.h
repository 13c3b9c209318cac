/*
 * items/readiness: what must answer before requests are sent here.
 */
#ifndef FCGI_ITEMS_READINESS_H
#define FCGI_ITEMS_READINESS_H

#include "shared/edge/health.h"

extern const struct health_check items_checks[];

#endif
