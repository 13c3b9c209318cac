#include "fcgi/auth/readiness.h"

#include <inttypes.h>
#include <stdio.h>

#include "fcgi/auth/app.h"
#include "fcgi/auth/keyring.h"
#include "shared/infra/outbox.h"
#include "shared/infra/pg.h"

static enum err
check_postgresql(const struct app *app, struct worker *worker, const struct deadline *deadline,
    char detail[HEALTH_DETAIL_SIZE])
{
	static const struct pg_statement statement = {"ping", "SELECT 1"};

	(void)app;
	(void)detail;
	return pg_run(worker->pg, deadline, &statement, NULL, 0, NULL);
}

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
		    "away: events wait in the outbox (%" PRId64 " at the last look)", stats.depth);
	return stats.broker_ok ? ERR_OK : ERR_UNAVAILABLE;
}

static enum err
check_keys(const struct app *app, struct worker *worker, const struct deadline *deadline,
    char detail[HEALTH_DETAIL_SIZE])
{
	auto_key_loan struct key_loan loan = keyring_take(app->keyring);

	(void)worker;
	(void)deadline;
	if (loan.keys->signer != NULL)
		return ERR_OK;
	(void)snprintf(detail, HEALTH_DETAIL_SIZE, "no key to sign access tokens with");
	return ERR_UNAVAILABLE;
}

const struct health_check auth_checks[] = {
    {"postgresql", check_postgresql},
    {"rabbitmq", check_rabbitmq},
    {"keys", check_keys},
    {NULL, NULL},
};
