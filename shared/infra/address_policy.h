/*
 * infra/address_policy: which addresses belong to the public Internet.
 *
 * Layer: infra.  Where a client may name an address for us to call, it must not be one that we
 * reach and they don't: our own host, our own network, a cloud's metadata.  Refused is all that
 * IANA's registries of special-purpose addresses list (RFC 6890), multicast, and of IPv6 all that
 * is not allotted as global unicast; an IPv4 address that is embedded in an IPv6 one (mapped,
 * NAT64) is judged as itself.  Pure, safe on any thread.
 */
#ifndef SHARED_INFRA_ADDRESS_POLICY_H
#define SHARED_INFRA_ADDRESS_POLICY_H

struct sockaddr;

/* NULL: ADDRESS is public.  Else what it is, to be told: "a loopback address".  A sockaddr of
 * another family than AF_INET and AF_INET6 is "no Internet address". */
const char *address_policy_refuses(const struct sockaddr *address);

#endif
