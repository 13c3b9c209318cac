/*
 * base/config_networks: lists of networks, "10.0.0.0/8, ::1", as settings hold them.
 *
 * Layer: base.  Each is an IPv4 or IPv6 network in CIDR notation, or one address; spaces around the
 * commas are allowed, and bits behind the prefix are ignored.  An IPv4-mapped IPv6 text is the IPv4
 * address it maps, and only IPv4 networks hold it.  Pure functions, safe on any thread.
 */
#ifndef SHARED_BASE_CONFIG_NETWORKS_H
#define SHARED_BASE_CONFIG_NETWORKS_H

#include <stdbool.h>

#include "shared/base/err.h"

/* ERR_MALFORMED unless each part of NETWORKS is a network.  "" is the list of none. */
MUST_USE enum err config_networks_check(const char *networks);
/* Is ADDRESS (IPv4, IPv6 or an IPv4-mapped IPv6 text) in the list?  Bad addresses: false. */
bool config_networks_contain(const char *networks, const char *address);

#endif
