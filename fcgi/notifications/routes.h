/*
 * notifications/routes: notifications' whole surface.
 */
#ifndef FCGI_NOTIFICATIONS_ROUTES_H
#define FCGI_NOTIFICATIONS_ROUTES_H

#include "shared/edge/route.h"

extern const struct route notifications_routes[];

#endif
