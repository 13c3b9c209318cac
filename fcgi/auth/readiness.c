#include "fcgi/auth/readiness.h"

#include <stdio.h>

#include "fcgi/auth/app.h"
#include "fcgi/auth/keyring.h"
#include "shared/infra/outbox.h"
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
check_rabbitmq(const struct app *app, struct worker *worker, const struct deadline *deadline,
    char detail[HEALTH_DETAIL_SIZE])
{
	(void)worker;
	(void)deadline;
	return outbox_check(app->outbox, detail, HEALTH_DETAIL_SIZE);
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
