/* The Idempotency-Key header. */
#include "tests/fuzz/fuzz.h"

#include "shared/edge/idempotency.h"
#include "shared/edge/request_cgi.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = fuzz_arena();
	struct idempotency idempotency;
	struct request rq;
	char *headers[2] = {0};

	request_init(&rq, arena, NULL, &clock_system);
	headers[0] = arena_printf(arena, "HTTP_IDEMPOTENCY_KEY=%s", fuzz_text(arena, data, size));
	rq.headers = headers;
	rq.body = span_of("{}", 2);
	if (headers[0] == NULL || idempotency_read(&rq, &idempotency) != ERR_OK)
		return 0;
	check(idempotency.key != NULL && *idempotency.key != '\0');
	check(strlen(idempotency.key) <= IDEMPOTENCY_KEY_MAX);
	check(strlen(idempotency.fingerprint) == 64);
	for (const char *at = idempotency.key; *at != '\0'; at++)
		check(*at > 0x20 && *at < 0x7F);
	return 0;
}
