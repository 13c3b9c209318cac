#include "fcgi/auth/call.h"

#include "fcgi/auth/app.h"
#include "shared/edge/request.h"

struct call
call_of(struct request *rq)
{
	return (struct call){
	    .arena = rq->arena,
	    .pg = rq->worker->pg,
	    .deadline = rq->deadline,
	    .fault = &rq->fault,
	    .now_ms = rq->now_ms,
	    .traceparent = rq->trace.traceparent,
	    .client = {rq->address, rq->user_agent},
	};
}
