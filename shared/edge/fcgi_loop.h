/*
 * edge/fcgi_loop: worker threads that take FastCGI requests and answer them.
 *
 * Layer: edge.  Each worker accepts for itself, without a mutex around it: a connection that stays
 * silent then holds one worker for the two seconds that libfcgi gives it, and nobody else.
 */
#ifndef SHARED_EDGE_FCGI_LOOP_H
#define SHARED_EDGE_FCGI_LOOP_H

#include "shared/edge/service.h"

struct fcgi_loop;

/*
 * Starts the workers and waits until each has its struct worker.  SIGTERM and SIGINT must be
 * blocked by now.  On an error of worker_init, or ERR_MEMORY, some workers may run: *OUT is then
 * NULL or must be stopped.
 */
MUST_USE enum err fcgi_loop_start(
    const struct service *service, int listen_fd, struct fcgi_loop **out);
/*
 * Stops listening; the workers finish what runs and what was connected already, then end.  Nulls
 * *loop.  ERR_UNAVAILABLE when TIMEOUT_MS passed before: the threads run on, and so what they use
 * is not freed.
 */
MUST_USE enum err fcgi_loop_stop(struct fcgi_loop **loop, int64_t timeout_ms);

#endif
