#include "fcgi/items/readiness.h"

#include <inttypes.h>
#include <stdio.h>

#include "fcgi/items/app.h"
#include "shared/edge/verifier.h"
#include "shared/infra/outbox.h"

static enum err
check_mongodb(const struct app *app, struct worker *worker, const struct deadline *deadline,
    char detail[HEALTH_DETAIL_SIZE])
{
	(void)app;
	(void)detail;
	return mongo_ping(&worker->mongo, deadline);
}

/* Selling goes on without the broker, as events wait in their documents: a probe that steers
 * traffic asks /readyz?exclude=rabbitmq. */
static enum err
check_rabbitmq(const struct app *app, struct worker *worker, const struct deadline *deadline,
    char detail[HEALTH_DETAIL_SIZE])
{
	struct outbox_stats stats;

	(void)worker;
	(void)deadline;
	outbox_stats(app->outbox, &stats);
	if (!stats.broker_ok)
		(void)snprintf(detail, HEALTH_DETAIL_SIZE,
		    "away; %" PRId64 " events wait in the outbox, nothing else does", stats.depth);
	return stats.broker_ok ? ERR_OK : ERR_UNAVAILABLE;
}

static enum err
check_auth(const struct app *app, struct worker *worker, const struct deadline *deadline,
    char detail[HEALTH_DETAIL_SIZE])
{
	(void)worker;
	(void)deadline;
	return verifier_check(app->verifier, detail, HEALTH_DETAIL_SIZE);
}

const struct health_check items_checks[] = {
    {"mongodb", check_mongodb},
    {"rabbitmq", check_rabbitmq},
    {"auth", check_auth},
    {NULL, NULL},
};
