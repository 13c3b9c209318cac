/*
 * edge/request_cgi: a request from the CGI variables (RFC 3875) that FastCGI brings.
 *
 * Layer: edge.
 */
#ifndef SHARED_EDGE_REQUEST_CGI_H
#define SHARED_EDGE_REQUEST_CGI_H

#include "shared/edge/request.h"

#define REQUEST_TARGET_MAX_BYTES 8192

/* A request of which nothing is known yet: every member may be read. */
void request_init(
    struct request *rq, struct arena *arena, struct worker *worker, const struct clock *clock);

/*
 * Fills RQ, but its body, from ENVP ("NAME=value", NULL-terminated), which is copied.  Members that
 * were not reached before an error keep what request_init gave them.  Its deadline is
 * TIMEOUT_MS after it came, which may have passed.  ERR_URI_TOO_LONG, ERR_HEADERS_TOO_LARGE (they
 * don't fit the arena), ERR_MEMORY.
 */
MUST_USE enum err request_from_cgi(
    struct request *rq, char *const *envp, const char *trusted_proxies, int64_t timeout_ms);

/* The value of the CGI variable NAME ("CONTENT_LENGTH"), or NULL. */
const char *request_variable(const struct request *rq, const char *name);

#endif
