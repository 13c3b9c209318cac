/*
 * auth/readiness: auth's checks for /readyz.
 *
 * PostgreSQL and a key to sign with are what a request needs.  RabbitMQ is not: while it is away
 * events wait in the outbox and the API goes on, so a pod that says "not ready" for it would stop
 * sign-ins that work.  Its check only says so in its detail.
 */
#ifndef FCGI_AUTH_READINESS_H
#define FCGI_AUTH_READINESS_H

#include "shared/edge/health.h"

extern const struct health_check auth_checks[];

#endif
