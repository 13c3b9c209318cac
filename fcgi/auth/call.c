#include "fcgi/auth/call.h"

#include "fcgi/auth/app.h"
#include "fcgi/auth/device_cookie.h"
#include "shared/edge/client_address.h"
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
	    .network = client_address_rate_key(rq->arena, rq->address),
	    .device_cookie = request_cookie(rq, DEVICE_COOKIE_NAME),
	};
}
