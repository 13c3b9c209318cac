#include "shared/infra/amqp_url.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "shared/base/num.h"
#include "shared/base/str.h"

#define HEARTBEAT_DEFAULT_S 10
#define HEARTBEAT_MAX_S     600

static enum err
set_parameter(struct amqp_host *host, const char *name, const char *value)
{
	int64_t number;

	if (str_equal(name, "heartbeat")) {
		if (num_parse_i64(value, 1, HEARTBEAT_MAX_S, &number) != ERR_OK)
			return ERR_CONFIG;
		host->heartbeat_s = (int)number;
	} else if (str_equal(name, "cacertfile")) {
		host->cacertfile = value;
	} else if (str_equal(name, "certfile")) {
		host->certfile = value;
	} else if (str_equal(name, "keyfile")) {
		host->keyfile = value;
	} else if (str_equal(name, "verify")) {
		host->verify = !str_equal(value, "verify_none");
		if (host->verify && !str_equal(value, "verify_peer"))
			return ERR_CONFIG;
	} else {
		return ERR_CONFIG;
	}
	return ERR_OK;
}

/* QUERY is cut in place. */
static enum err
parse_query(struct amqp_host *host, char *query)
{
	char *rest = query;
	char *pair;
	char *value;

	while ((pair = strsep(&rest, "&")) != NULL) {
		value = strchr(pair, '=');
		if (value == NULL || value[1] == '\0')
			return ERR_CONFIG;
		*value = '\0';
		TRY(set_parameter(host, pair, value + 1));
	}
	return (host->certfile == NULL) == (host->keyfile == NULL) ? ERR_OK : ERR_CONFIG;
}

static enum err
parse_host(struct amqp_host *host, const char *url, size_t len)
{
	static char everything[] = "/";
	char *query;

	host->text = strndup(url, len);
	TRY_ALLOC(host->text);
	host->text_len = len;
	host->heartbeat_s = HEARTBEAT_DEFAULT_S;
	host->verify = true;
	query = strchr(host->text, '?');
	if (query != NULL)
		*query++ = '\0';
	if (amqp_parse_url(host->text, &host->info) != AMQP_STATUS_OK)
		return ERR_CONFIG;
	if (host->info.host[0] == '\0' || host->info.port < 1 || host->info.port > UINT16_MAX)
		return ERR_CONFIG;
	/* By the letter a "/" at the end names the vhost ""; who writes it means the default. */
	if (host->info.vhost[0] == '\0')
		host->info.vhost = everything;
	return query == NULL ? ERR_OK : parse_query(host, query);
}

enum err
amqp_hosts_parse(const char *url, struct amqp_host **hosts, size_t *count)
{
	struct amqp_host *list;
	size_t commas = 0;
	size_t made = 0;
	enum err err = ERR_OK;

	for (const char *c = url; *c != '\0'; c++)
		commas += *c == ',';
	list = calloc(commas + 1, sizeof(*list));
	TRY_ALLOC(list);
	while (err == ERR_OK && made <= commas) {
		size_t len = strcspn(url, ",");

		err = parse_host(&list[made++], url, len);
		url += len + (url[len] == ',');
	}
	if (err != ERR_OK) {
		amqp_hosts_free(&list, made);
		return err;
	}
	*hosts = list;
	*count = made;
	return ERR_OK;
}

void
amqp_hosts_free(struct amqp_host **hosts, size_t count)
{
	if (*hosts == NULL)
		return;
	for (size_t i = 0; i < count; i++) {
		struct amqp_host *host = &(*hosts)[i];

		if (host->text != NULL) /* it holds the password */
			bytes_wipe(host->text, host->text_len);
		free(host->text);
	}
	free(*hosts);
	*hosts = NULL;
}
