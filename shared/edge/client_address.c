#include "shared/edge/client_address.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "shared/base/config.h"

/* ADDRESS in its one canonical form, an IPv4-mapped one as IPv4; false when it is no address. */
static bool
canonical(const char *address, char out[INET6_ADDRSTRLEN])
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, address, &four) == 1)
		return inet_ntop(AF_INET, &four, out, INET6_ADDRSTRLEN) != NULL;
	if (inet_pton(AF_INET6, address, &six) != 1)
		return false;
	if (!IN6_IS_ADDR_V4MAPPED(&six))
		return inet_ntop(AF_INET6, &six, out, INET6_ADDRSTRLEN) != NULL;
	memcpy(&four, six.s6_addr + 12, sizeof(four));
	return inet_ntop(AF_INET, &four, out, INET6_ADDRSTRLEN) != NULL;
}

/* "192.0.2.1", "192.0.2.1:80", "[2001:db8::1]:80", "2001:db8::1" to the address alone. */
static bool
parse_node(struct span node, char out[INET6_ADDRSTRLEN])
{
	char text[INET6_ADDRSTRLEN + 8];
	char *start = text;
	char *end;

	if (node.len >= sizeof(text))
		return false;
	memcpy(text, node.data, node.len);
	text[node.len] = '\0';
	if (*start == '[') {
		end = strchr(++start, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return false;
		*end = '\0';
	} else {
		end = strchr(start, ':');
		if (end != NULL && strchr(end + 1, ':') == NULL)
			*end = '\0'; /* one colon: a port after an IPv4 address */
	}
	return canonical(start, out);
}

static struct span
trim(struct span text)
{
	while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
		text = span_of(text.data + 1, text.len - 1);
	while (text.len > 0 && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
		text.len--;
	return text;
}

/* The part of TEXT before the first SEPARATOR outside quotes; TEXT becomes what follows it. */
static struct span
take_part(struct span *text, char separator)
{
	bool quoted = false;
	size_t at = 0;
	struct span part;

	for (; at < text->len && (quoted || text->data[at] != separator); at++) {
		if (text->data[at] == '"')
			quoted = !quoted;
		else if (quoted && text->data[at] == '\\' && at + 1 < text->len)
			at++;
	}
	part = trim(span_of(text->data, at));
	*text = at < text->len ? span_of(text->data + at + 1, text->len - at - 1) : span_of("", 0);
	return part;
}

/*
 * The part of LIST after the last comma; LIST becomes what precedes it.  From the right, where the
 * nearest proxy appended, so that no quote which a client left open takes in what a proxy wrote.
 * QUOTED: commas inside quotes belong to a part.
 */
static struct span
take_last(struct span *list, bool quoted)
{
	bool inside = false;
	size_t at = list->len;
	struct span part;

	for (; at > 0 && (inside || list->data[at - 1] != ','); at--) {
		bool escaped = inside && at > 1 && list->data[at - 2] == '\\';

		if (quoted && list->data[at - 1] == '"' && !escaped)
			inside = !inside;
	}
	part = trim(span_of(list->data + at, list->len - at));
	*list = span_of(list->data, at > 0 ? at - 1 : 0);
	return part;
}

struct hop {                            /* what one proxy wrote of whom it had the request from */
	char address[INET6_ADDRSTRLEN]; /* "" when it did not say, or said nothing that we take */
	enum { SCHEME_UNSAID, SCHEME_HTTP, SCHEME_HTTPS } scheme;
};

static bool
is_name(struct span text, const char *name)
{
	return text.len == strlen(name) && strncasecmp(text.data, name, text.len) == 0;
}

/* for=192.0.2.60;proto=http;by=203.0.113.43 */
static void
read_forwarded_element(struct span element, struct hop *hop)
{
	while (element.len > 0) {
		struct span value = take_part(&element, ';');
		struct span name = take_part(&value, '=');

		value = trim(value);
		if (value.len >= 2 && value.data[0] == '"' && value.data[value.len - 1] == '"')
			value = span_of(value.data + 1, value.len - 2);
		if (is_name(name, "for")) {
			if (!parse_node(value, hop->address))
				hop->address[0] = '\0';
		} else if (is_name(name, "proto")) {
			hop->scheme = is_name(value, "https") ? SCHEME_HTTPS : SCHEME_HTTP;
		}
	}
}

/* X-Forwarded-For's; X-Forwarded-Proto is one word for the whole chain, as a rule. */
static void
read_address_element(struct span element, const char *proto, struct hop *hop)
{
	if (!parse_node(element, hop->address))
		hop->address[0] = '\0';
	if (proto != NULL)
		hop->scheme =
		    is_name(span_of(proto, strlen(proto)), "https") ? SCHEME_HTTPS : SCHEME_HTTP;
}

enum err
client_address_find(struct request *rq, const char *peer, bool https, const char *trusted)
{
	const char *list = request_header(rq, "X-Forwarded-For");
	const char *forwarded = list == NULL ? request_header(rq, "Forwarded") : NULL;
	const char *proto = request_header(rq, "X-Forwarded-Proto");
	char address[INET6_ADDRSTRLEN] = "";
	struct span left;

	if (forwarded != NULL)
		list = forwarded;
	left = span_of(list, list != NULL ? strlen(list) : 0);
	(void)canonical(peer, address); /* a unix socket's peer has none */
	rq->secure = https;
	while (left.len > 0 && config_networks_contain(trusted, address)) {
		struct span element = take_last(&left, forwarded != NULL);
		struct hop hop = {.address = ""};

		if (forwarded != NULL)
			read_forwarded_element(element, &hop);
		else
			read_address_element(element, proto, &hop);
		if (hop.scheme != SCHEME_UNSAID)
			rq->secure = hop.scheme == SCHEME_HTTPS;
		if (hop.address[0] == '\0')
			break; /* "unknown" or hidden: the proxy is the nearest that we know of */
		memcpy(address, hop.address, sizeof(address));
	}
	rq->address = arena_strdup(rq->arena, address);
	TRY_ALLOC(rq->address);
	return ERR_OK;
}

const char *
client_address_rate_key(struct arena *arena, const char *address)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr six;

	if (inet_pton(AF_INET6, address, &six) != 1)
		return address;
	memset(six.s6_addr + 8, 0, 8); /* one subscriber has a /64 of addresses at least */
	if (inet_ntop(AF_INET6, &six, text, sizeof(text)) == NULL)
		return address;
	return arena_printf(arena, "%s/64", text);
}
