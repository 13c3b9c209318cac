/* An address that somebody gives us to call, and the judgement over a numerical one: sixteen
 * bytes as IPv6, the first four of them as IPv4. */
#include "tests/fuzz/fuzz.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "fcgi/notifications/webhook_endpoint.h"
#include "shared/infra/address_policy.h"
#include "shared/infra/resolver.h"
#include "shared/infra/url.h"

static void
judge(const uint8_t *data)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};
	struct sockaddr_in four = {.sin_family = AF_INET};
	const char *mapped, *plain;

	memcpy(&four.sin_addr, data, sizeof(four.sin_addr));
	memcpy(&six.sin6_addr, data, sizeof(six.sin6_addr));
	(void)address_policy_refuses((const struct sockaddr *)&six);
	plain = address_policy_refuses((const struct sockaddr *)&four);
	/* An IPv4 address in IPv6's clothes is judged as itself. */
	memset(&six.sin6_addr, 0, 10);
	memset(six.sin6_addr.s6_addr + 10, 0xFF, 2);
	memcpy(six.sin6_addr.s6_addr + 12, data, 4);
	mapped = address_policy_refuses((const struct sockaddr *)&six);
	check((plain == NULL) == (mapped == NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct webhook_settings strict = {0};
	struct arena *arena = fuzz_arena();
	const char *text = fuzz_text(arena, data, size);
	enum field_code code;
	const char *detail, *what = NULL;
	struct url url;

	if (size >= sizeof(struct in6_addr))
		judge(data);
	if (url_parse(text, &url) == ERR_OK)
		check(strlen(url.host) < URL_HOST_SIZE && url.host[0] != '\0');
	if (!webhook_endpoint_fits(&strict, text, arena, &code, &detail))
		return 0;
	check(url_parse(text, &url) == ERR_OK && url.https && !url.has_user);
	check(!resolver_is_address(url.host, &what) || what == NULL);
	return 0;
}
