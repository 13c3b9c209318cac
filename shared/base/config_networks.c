#include "shared/base/config_networks.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "shared/base/num.h"

#define MAPPED_BITS 96 /* of ::ffff:0:0/96, where the IPv4 addresses are in IPv6 */
#define PART_SIZE   64 /* holds the longest address and prefix */

struct network {
	unsigned char bytes[16]; /* IPv4 as IPv4-mapped */
	unsigned prefix;         /* bits of these */
};

static const unsigned char mapped_prefix[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

static bool
parse_address(const char *text, unsigned char out[16])
{
	memcpy(out, mapped_prefix, sizeof(mapped_prefix));
	return inet_pton(AF_INET, text, out + sizeof(mapped_prefix)) == 1 ||
	    inet_pton(AF_INET6, text, out) == 1;
}

static bool
is_ipv4(const struct network *network)
{
	return network->prefix >= MAPPED_BITS &&
	    memcmp(network->bytes, mapped_prefix, sizeof(mapped_prefix)) == 0;
}

static bool
parse_network(char *text, struct network *out)
{
	char *slash = strchr(text, '/');
	bool written_as_ipv6 = strchr(text, ':') != NULL;
	int64_t bits_max = written_as_ipv6 ? 128 : 32;
	int64_t bits = bits_max;

	if (slash != NULL) {
		*slash = '\0';
		if (num_parse_i64(slash + 1, 0, bits_max, &bits) != ERR_OK)
			return false;
	}
	if (!parse_address(text, out->bytes))
		return false;
	out->prefix = (unsigned)bits + (written_as_ipv6 ? 0 : MAPPED_BITS);
	return true;
}

static bool
network_holds(const struct network *network, const struct network *host)
{
	size_t whole = network->prefix / 8;
	unsigned rest = network->prefix % 8;

	/* 0.0.0.0/0 is all of IPv4, ::/0 all of IPv6. */
	if (is_ipv4(network) != is_ipv4(host))
		return false;
	if (memcmp(network->bytes, host->bytes, whole) != 0)
		return false;
	return rest == 0 || (network->bytes[whole] ^ host->bytes[whole]) >> (8 - rest) == 0;
}

/* The next part of the list, without spaces; false when it is too long to be a network. */
static bool
read_part(const char **list, char out[PART_SIZE])
{
	const char *start = *list + strspn(*list, " ");
	size_t len = strcspn(start, ",");

	*list = start + len + (start[len] == ',');
	while (len > 0 && start[len - 1] == ' ')
		len--;
	if (len >= PART_SIZE)
		return false;
	memcpy(out, start, len);
	out[len] = '\0';
	return true;
}

enum err
config_networks_check(const char *networks)
{
	size_t len = strlen(networks);

	if (len > 0 && networks[len - 1] == ',')
		return ERR_MALFORMED;
	while (*networks != '\0') {
		struct network network;
		char part[PART_SIZE];

		if (!read_part(&networks, part) || !parse_network(part, &network))
			return ERR_MALFORMED;
	}
	return ERR_OK;
}

bool
config_networks_contain(const char *networks, const char *address)
{
	struct network host = {.prefix = 128};

	if (!parse_address(address, host.bytes))
		return false;
	while (*networks != '\0') {
		struct network network;
		char part[PART_SIZE];

		if (read_part(&networks, part) && parse_network(part, &network) &&
		    network_holds(&network, &host))
			return true;
	}
	return false;
}
