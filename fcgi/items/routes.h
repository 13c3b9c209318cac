/*
 * items/routes: items' whole surface.
 */
#ifndef FCGI_ITEMS_ROUTES_H
#define FCGI_ITEMS_ROUTES_H

#include "shared/edge/route.h"

extern const struct route items_routes[];

#endif
