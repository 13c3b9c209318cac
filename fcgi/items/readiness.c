#include "fcgi/items/readiness.h"

#include <inttypes.h>
#include <stdio.h>

#include "fcgi/items/app.h"
#include "shared/edge/verifier.h"
#include "shared/infra/outbox.h"

#define AUTH_LATE_POLLS 5

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

/* Without auth's keys no token can be checked; with keys known, they serve on. */
static enum err
check_auth(const struct app *app, struct worker *worker, const struct deadline *deadline,
    char detail[HEALTH_DETAIL_SIZE])
{
	int64_t age_ms = verifier_age_ms(app->verifier);

	(void)worker;
	(void)deadline;
	if (age_ms < 0)
		(void)snprintf(detail, HEALTH_DETAIL_SIZE,
		    "has not answered yet: requests with a token are refused");
	else if (age_ms > AUTH_LATE_POLLS * app->settings->verifier.poll_ms)
		(void)snprintf(detail, HEALTH_DETAIL_SIZE,
		    "answered %" PRId64 " s ago: keys and ended sessions are as of then",
		    age_ms / 1000);
	return age_ms < 0 ? ERR_UNAVAILABLE : ERR_OK;
}

const struct health_check items_checks[] = {
    {"mongodb", check_mongodb},
    {"rabbitmq", check_rabbitmq},
    {"auth", check_auth},
    {NULL, NULL},
};
