#include "fcgi/notifications/readiness.h"

#include "fcgi/notifications/app.h"
#include "shared/edge/verifier.h"
#include "shared/infra/pg.h"

static enum err
check_postgresql(const struct app *app, struct worker *worker, const struct deadline *deadline,
    char detail[HEALTH_DETAIL_SIZE])
{
	(void)app;
	(void)detail;
	return pg_ping(worker->pg, deadline);
}

static enum err
check_auth(const struct app *app, struct worker *worker, const struct deadline *deadline,
    char detail[HEALTH_DETAIL_SIZE])
{
	(void)worker;
	(void)deadline;
	return verifier_check(app->verifier, detail, HEALTH_DETAIL_SIZE);
}

const struct health_check notifications_checks[] = {
    {"postgresql", check_postgresql},
    {"auth", check_auth},
    {NULL, NULL},
};
