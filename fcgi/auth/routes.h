/*
 * auth/routes: auth's whole surface.
 */
#ifndef FCGI_AUTH_ROUTES_H
#define FCGI_AUTH_ROUTES_H

#include "shared/edge/route.h"

extern const struct route auth_routes[];

#endif
