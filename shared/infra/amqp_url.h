/*
 * infra/amqp_url: the brokers' addresses, parsed.
 *
 * Layer: infra, private to amqp_*.c.  Used while a client is made.
 */
#ifndef SHARED_INFRA_AMQP_URL_H
#define SHARED_INFRA_AMQP_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "shared/base/err.h"
#include "shared/infra/amqp_lib.h"

struct amqp_host {
	char *text; /* owned: everything below points into it */
	size_t text_len;
	struct amqp_connection_info info; /* user, password, host, port, vhost, ssl */
	int heartbeat_s;
	const char *cacertfile;         /* NULL: the system's */
	const char *certfile, *keyfile; /* a client certificate; both or none */
	bool verify;                    /* the peer's certificate and its name */
};

/*
 * Parses amqp[s]://[user[:password]@]host[:port][/vhost][?heartbeat=S&cacertfile=…&certfile=…
 * &keyfile=…&verify=verify_peer|verify_none], several separated by commas.  An empty vhost is "/".
 * ERR_CONFIG, ERR_MEMORY: nothing is left to free then.
 */
MUST_USE enum err amqp_hosts_parse(const char *url, struct amqp_host **hosts, size_t *count);
void amqp_hosts_free(struct amqp_host **hosts, size_t count);

#endif
