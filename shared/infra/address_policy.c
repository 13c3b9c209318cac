#include "shared/infra/address_policy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "shared/base/config_networks.h"
#include "shared/base/macros.h"

/* The last four bytes of an address in it are an IPv4 address. */
#define NAT64 "64:ff9b::/96"

#define GLOBAL_UNICAST "2000::/3"

static const struct {
	const char *networks;
	const char *what;
} refused[] = {
    {"127.0.0.0/8, ::1", "a loopback address"},
    {"0.0.0.0/8, ::", "an unspecified address"},
    /* 100.64.0.0/10: shared by carriers; one cloud's metadata are in it.  fec0::/10: of old. */
    {"10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16, 198.18.0.0/15, fc00::/7, fec0::/10",
	"a private address"},
    /* The metadata of most clouds. */
    {"169.254.0.0/16, fe80::/10", "a link-local address"},
    {"224.0.0.0/4, ff00::/8", "a multicast address"},
    {"192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24, 2001:db8::/32, 3fff::/20",
	"an address for documentation"},
    /* 2002::/16: any IPv4 address may hide in 6to4's. */
    {"192.0.0.0/24, 192.31.196.0/24, 192.52.193.0/24, 192.88.99.0/24, 192.175.48.0/24, 240.0.0.0/4,"
     "2001::/23, 2002::/16, 2620:4f:8000::/48",
	"a special-purpose address"},
    /* In nobody's registry: Azure's metadata. */
    {"168.63.129.16", "a cloud's own address"},
};

static const char *
refuses(const char *address)
{
	for (size_t i = 0; i < COUNT_OF(refused); i++)
		if (config_networks_contain(refused[i].networks, address))
			return refused[i].what;
	return NULL;
}

static const char *
refuses_ipv4(const struct in_addr *address)
{
	char text[INET_ADDRSTRLEN];

	(void)inet_ntop(AF_INET, address, text, sizeof(text));
	return refuses(text);
}

static const char *
refuses_ipv6(const struct in6_addr *address)
{
	char text[INET6_ADDRSTRLEN];
	struct in_addr embedded;
	const char *what;

	(void)inet_ntop(AF_INET6, address, text, sizeof(text));
	if (IN6_IS_ADDR_V4MAPPED(address) || config_networks_contain(NAT64, text)) {
		memcpy(&embedded, address->s6_addr + 12, sizeof(embedded));
		return refuses_ipv4(&embedded);
	}
	what = refuses(text);
	return what == NULL && !config_networks_contain(GLOBAL_UNICAST, text)
	    ? "a special-purpose address"
	    : what;
}

const char *
address_policy_refuses(const struct sockaddr *address)
{
	struct sockaddr_in6 ipv6;
	struct sockaddr_in ipv4;

	/* Copies: whoever passes it may have it anywhere in memory. */
	switch (address->sa_family) {
	case AF_INET:
		memcpy(&ipv4, address, sizeof(ipv4));
		return refuses_ipv4(&ipv4.sin_addr);
	case AF_INET6:
		memcpy(&ipv6, address, sizeof(ipv6));
		return refuses_ipv6(&ipv6.sin6_addr);
	default:
		return "no Internet address";
	}
}
