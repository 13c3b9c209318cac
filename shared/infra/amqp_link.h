/*
 * infra/amqp_link: one connection to one of the brokers, and what arrives on it.
 *
 * Layer: infra, private to amqp_*.c: those send methods, this reads every frame, because a
 * heartbeat, a blocked connection, a close or a cancelled consumer may arrive at any wait.
 * Whatever breaks drops the connection; the next call connects again once the pause is over.
 */
#ifndef SHARED_INFRA_AMQP_LINK_H
#define SHARED_INFRA_AMQP_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/buf.h"
#include "shared/base/clock.h"
#include "shared/infra/amqp.h"
#include "shared/infra/amqp_lib.h"
#include "shared/infra/amqp_url.h"

#define AMQP_CHANNEL    1
#define AMQP_SHORT_SIZE 256 /* a short string and NUL */

enum amqp_news_kind {
	AMQP_NEWS_NONE, /* nothing came */
	AMQP_NEWS_PART, /* of something, or something already dealt with: there may be more */
	AMQP_NEWS_ACK,
	AMQP_NEWS_NACK,
	AMQP_NEWS_RETURN,   /* `content` is complete */
	AMQP_NEWS_DELIVERY, /* `content` is complete */
	AMQP_NEWS_CANCEL
};

struct amqp_news {
	enum amqp_news_kind kind;
	uint64_t tag;
	bool multiple; /* of an ack or nack: all up to TAG */
};

struct amqp_content { /* a return's or delivery's header and body, put together frame by frame */
	enum amqp_news_kind kind; /* NONE: between two */
	bool has_header;
	bool redelivered;
	bool too_large; /* its body was not kept */
	uint64_t tag;
	uint64_t left_bytes;
	char routing_key[AMQP_SHORT_SIZE];
	char message_id[AMQP_SHORT_SIZE];
	char death_reason[AMQP_SHORT_SIZE];
	char death_queue[AMQP_SHORT_SIZE];
	struct buf body;
};

struct amqp {
	const struct clock *clock;
	char *name;
	struct amqp_host *hosts;
	size_t host_count;
	size_t host_at;                /* the one to try first: the last that answered */
	amqp_connection_state_t state; /* NULL: not connected */
	uint16_t generation;           /* of the connection: part of a delivery's tag */
	bool blocked;
	bool confirming; /* the channel is in confirm mode, the exchange declared */
	bool consuming;
	uint64_t published;     /* the last publish's delivery tag */
	unsigned failures;      /* in a row */
	int64_t pause_until_ms; /* monotonic */
	struct amqp_content content;
};

/* Connected, or connects now.  ERR_UNAVAILABLE, at once while the pause lasts; ERR_DEADLINE. */
MUST_USE enum err amqp_link_open(struct amqp *amqp, const struct deadline *deadline);
/* Something worked from end to end: the next failure's pause is a short one again. */
void amqp_link_worked(struct amqp *amqp);
/* Lets go of the connection, if there is one; the next call may connect again at once. */
void amqp_link_forget(struct amqp *amqp);
/* Lets go of a connection that broke, and pauses; returns ERR_UNAVAILABLE. */
enum err amqp_link_drop(struct amqp *amqp, const char *why);
/* Before and after each remote call (amqp_queue_declare, …).  The latter drops the connection on
 * a failure: ERR_UNAVAILABLE; ERR_CONFIG when the broker refused (403, 406), logged with WHAT. */
MUST_USE enum err amqp_link_call_begin(struct amqp *amqp, const struct deadline *deadline);
MUST_USE enum err amqp_link_call_end(struct amqp *amqp, const char *what);
/* Reads at most one frame, waiting up to WAIT_MS for it; heartbeats go out on the way.
 * ERR_UNAVAILABLE: lost. */
MUST_USE enum err amqp_link_read(struct amqp *amqp, int64_t wait_ms, struct amqp_news *news);

#endif
