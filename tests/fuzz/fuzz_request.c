/* A request from its CGI variables, one a line: its route, and all that is read of its headers. */
#include "tests/fuzz/fuzz.h"

#include "shared/edge/client_address.h"
#include "shared/edge/idempotency.h"
#include "shared/edge/request_cgi.h"
#include "shared/edge/route.h"

#define VARIABLES_MAX 64

static const struct route routes[] = {
    {.method = METHOD_GET, .pattern = "/item", .operation_id = "listItems"},
    {.method = METHOD_PUT, .pattern = "/item/{id}", .operation_id = "replaceItem"},
    {.method = METHOD_POST, .pattern = "/a/{b}/c/{d}/e/{f}", .operation_id = "deep"},
    {0},
};

static void
read_headers(struct request *rq)
{
	struct idempotency idempotency;
	const char *token;
	struct id id;

	if (request_bearer(rq, &token) == ERR_OK && token != NULL)
		check(*token != '\0');
	(void)!request_if_match(rq, "\"1\"");
	(void)request_none_match(rq, "\"1\"");
	if (idempotency_read(rq, &idempotency) == ERR_OK && idempotency.key != NULL)
		check(strlen(idempotency.key) <= IDEMPOTENCY_KEY_MAX);
	if (route_find(routes, rq) == ERR_OK && rq->params[0] != NULL)
		(void)!request_id_param(rq, 0, &id);
	check(client_address_rate_key(rq->arena, rq->address) != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = fuzz_arena();
	char *variables[VARIABLES_MAX + 1];
	struct request rq;
	size_t count = 0;

	for (; count < VARIABLES_MAX && size > 0; count++)
		variables[count] = fuzz_line(arena, &data, &size);
	variables[count] = NULL;
	request_init(&rq, arena, NULL, &clock_system);
	if (request_from_cgi(&rq, variables, "10.0.0.0/8,fc00::/7", 1000) == ERR_OK)
		read_headers(&rq);
	check(*rq.request_id != '\0' && strlen(rq.request_id) <= 128);
	check(strlen(rq.user_agent) <= 256);
	check(strlen(rq.trace.trace_id) == TRACE_ID_SIZE - 1);
	return 0;
}
