/* AMQP_URL: one broker, or several. */
#include "tests/fuzz/fuzz.h"

#include "shared/infra/amqp_url.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = fuzz_arena();
	struct amqp_host *hosts = NULL;
	size_t count = 0;

	if (amqp_hosts_parse(fuzz_text(arena, data, size), &hosts, &count) != ERR_OK)
		return 0;
	check(count > 0);
	for (size_t i = 0; i < count; i++) {
		check(hosts[i].info.host != NULL && *hosts[i].info.host != '\0');
		check(hosts[i].info.user != NULL && hosts[i].info.vhost != NULL);
		check(hosts[i].info.port > 0 && hosts[i].info.port < 65536);
	}
	amqp_hosts_free(&hosts, count);
	return 0;
}
