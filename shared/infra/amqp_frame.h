/*
 * infra/amqp_frame: what amqp_link.c and amqp_frame.c owe each other.
 *
 * Layer: infra, private to those two.
 */
#ifndef SHARED_INFRA_AMQP_FRAME_H
#define SHARED_INFRA_AMQP_FRAME_H

#include <sys/time.h>

#include "shared/infra/amqp_link.h"

struct timeval amqp_timeval(int64_t ms);
/* The broker closed channel or connection: answers, logs why, drops.  ERR_UNAVAILABLE. */
enum err amqp_link_closed(struct amqp *amqp, const amqp_method_t *method);

#endif
