/*
 * auth/link_courier: a thread that sees to requests for links that reset a password.
 *
 * Who asked has their answer by then, so that its time tells nothing of the account.  It comes a
 * while after the request, by chance, so that not even its work shows in what is asked next.  Every
 * pod runs one; each request is one's alone.
 */
#ifndef FCGI_AUTH_LINK_COURIER_H
#define FCGI_AUTH_LINK_COURIER_H

#include "shared/base/clock.h"
#include "shared/base/err.h"

struct link_courier;

MUST_USE enum err link_courier_start(
    const char *database_url, const struct clock *clock, struct link_courier **out);
void link_courier_stop(struct link_courier **courier);

#endif
