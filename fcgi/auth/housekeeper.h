/*
 * auth/housekeeper: a thread that removes what nobody will ask for again: sessions that ended or
 * expired, rotations whose grace is over, links that expired, old counts of failures.
 *
 * Every pod runs one, about every ten minutes; two at once do no harm.
 */
#ifndef FCGI_AUTH_HOUSEKEEPER_H
#define FCGI_AUTH_HOUSEKEEPER_H

#include "shared/base/clock.h"
#include "shared/base/err.h"

struct housekeeper;

/* Ended sessions are kept for KEEP_S, as long as the list of revoked ones may need them, and a day
 * more. */
MUST_USE enum err housekeeper_start(
    const char *database_url, int64_t keep_s, const struct clock *clock, struct housekeeper **out);
void housekeeper_stop(struct housekeeper **housekeeper);

#endif
