#include "fcgi/items/readiness.h"

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
	(void)worker;
	(void)deadline;
	return outbox_check(app->outbox, detail, HEALTH_DETAIL_SIZE);
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
