#include "shared/infra/amqp.h"

#include <stdlib.h>
#include <string.h>

#include "shared/infra/amqp_link.h"

#define BODY_MAX_BYTES ((size_t)4 * 1024 * 1024)
#define CLOSE_MAX_MS   500

enum err
amqp_new(const char *url, const char *name, const struct clock *clock, struct amqp **out)
{
	struct amqp *amqp = calloc(1, sizeof(*amqp));
	enum err err;

	TRY_ALLOC(amqp);
	amqp->clock = clock;
	buf_init(&amqp->content.body, BODY_MAX_BYTES);
	amqp->name = strdup(name);
	err = amqp->name == NULL ? ERR_MEMORY
				 : amqp_hosts_parse(url, &amqp->hosts, &amqp->host_count);
	if (err != ERR_OK) {
		amqp_free(&amqp);
		return err;
	}
	*out = amqp;
	return ERR_OK;
}

void
amqp_close(struct amqp *amqp)
{
	const struct deadline soon = deadline_in(amqp->clock, CLOSE_MAX_MS);

	if (amqp->state == NULL)
		return;
	if (!amqp->blocked && amqp_link_call_begin(amqp, &soon) == ERR_OK)
		(void)amqp_connection_close(amqp->state, AMQP_REPLY_SUCCESS);
	amqp_link_forget(amqp);
}

void
amqp_free(struct amqp **amqp)
{
	struct amqp *own = *amqp;

	if (own == NULL)
		return;
	amqp_close(own);
	buf_fini(&own->content.body);
	amqp_hosts_free(&own->hosts, own->host_count);
	free(own->name);
	free(own);
	*amqp = NULL;
}

int64_t
amqp_pause_left_ms(const struct amqp *amqp)
{
	int64_t left = amqp->pause_until_ms - clock_monotonic_ms(amqp->clock);

	return amqp->state != NULL || left < 0 ? 0 : left;
}

enum err
amqp_declare_exchange(struct amqp *amqp, const struct deadline *deadline)
{
	TRY(amqp_link_call_begin(amqp, deadline));
	(void)amqp_exchange_declare(amqp->state, AMQP_CHANNEL, amqp_cstring_bytes(AMQP_EXCHANGE),
	    amqp_cstring_bytes("topic"), 0, 1, 0, 0, amqp_empty_table);
	TRY(amqp_link_call_end(amqp, "exchange " AMQP_EXCHANGE));
	amqp_link_worked(amqp);
	return ERR_OK;
}

enum err
amqp_open(struct amqp *amqp, const struct deadline *deadline)
{
	/* Takes in what is there, a close among it, before it says that the connection stands. */
	if (amqp->state != NULL)
		TRY(amqp_idle(amqp, 0));
	return amqp_link_call_begin(amqp, deadline);
}

enum err
amqp_ping(struct amqp *amqp, const struct deadline *deadline)
{
	TRY(amqp_link_call_begin(amqp, deadline));
	/* The cheapest question there is: it changes nothing, and the broker must answer it. */
	(void)amqp_channel_flow(amqp->state, AMQP_CHANNEL, 1);
	TRY(amqp_link_call_end(amqp, "ping"));
	amqp_link_worked(amqp);
	return ERR_OK;
}

enum err
amqp_idle(struct amqp *amqp, int64_t ms)
{
	const struct deadline until = deadline_in(amqp->clock, ms);
	struct amqp_news ignored;

	do {
		TRY(amqp_link_read(amqp, deadline_left_ms(&until), &ignored));
	} while (deadline_left_ms(&until) > 0);
	return ERR_OK;
}
