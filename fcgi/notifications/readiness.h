/*
 * notifications/readiness: what must answer before requests are sent here.
 */
#ifndef FCGI_NOTIFICATIONS_READINESS_H
#define FCGI_NOTIFICATIONS_READINESS_H

#include "shared/edge/health.h"

extern const struct health_check notifications_checks[];

#endif
