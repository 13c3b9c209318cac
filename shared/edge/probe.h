/*
 * edge/probe: /healthz, /readyz and /metrics, which every service answers on its own port.
 *
 * Layer: edge.  They are neither limited nor logged above debug: what asks for them asks often.
 */
#ifndef SHARED_EDGE_PROBE_H
#define SHARED_EDGE_PROBE_H

#include "shared/edge/service.h"

bool probe_matches(const char *path);
/* Answers rq->path, which matches; *LABEL is its name.  ERR_METHOD, ERR_MEMORY. */
MUST_USE enum err probe_answer(
    const struct service *service, struct request *rq, struct response *rs, const char **label);

#endif
