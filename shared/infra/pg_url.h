/*
 * infra/pg_url: what the address of a PostgreSQL says.
 *
 * Layer: infra.  Pure functions, safe on any thread.  An address is a libpq URI or conninfo.  A URI
 * may say pool_mode=transaction among its parameters: it leads to a pooler (PgBouncer) that gives
 * each transaction another server connection.
 */
#ifndef SHARED_INFRA_PG_URL_H
#define SHARED_INFRA_PG_URL_H

#include <stdbool.h>

#include "shared/base/err.h"

#define PG_ROLE_SIZE 64

/* *OUT is the caller's, a copy without pool_mode, which libpq does not know; *POOLED: it had it. */
MUST_USE enum err pg_url_copy(const char *url, char **out, bool *pooled);

/* The role that URL connects as, "" when it names none.  ERR_CONFIG: no URL, or a longer name. */
MUST_USE enum err pg_url_role(const char *url, char out[PG_ROLE_SIZE]);

#endif
