#include "fcgi/notifications/call.h"

#include "fcgi/notifications/app.h"
#include "shared/edge/request.h"

struct call
call_of(struct request *rq)
{
	return (struct call){
	    .arena = rq->arena,
	    .pg = rq->worker->pg,
	    .deadline = &rq->deadline,
	    .fault = &rq->fault,
	    .owner = &rq->principal->user_id,
	    .now_ms = rq->now_ms,
	    .traceparent = rq->trace.traceparent,
	};
}
