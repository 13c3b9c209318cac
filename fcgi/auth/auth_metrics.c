#include "fcgi/auth/auth_metrics.h"

#include "fcgi/auth/app.h"
#include "fcgi/auth/keyring.h"
#include "fcgi/auth/passwords.h"
#include "shared/edge/outbox_metrics.h"

const struct metric_family metric_bcrypt_wait = {"shop_bcrypt_wait_seconds", METRIC_HISTOGRAM,
    "Time that passwords waited for their turn to be hashed.", {NULL}};
const struct metric_family metric_sign_ins = {
    "shop_sign_ins_total", METRIC_COUNTER, "Sign-ins by result.", {"result"}};

static const struct metric_family bcrypt_jobs = {
    "shop_bcrypt_jobs", METRIC_GAUGE, "Passwords being hashed, or waiting for it.", {"state"}};
static const struct metric_family bcrypt_refused = {"shop_bcrypt_refused_total", METRIC_COUNTER,
    "Requests refused because the hashing queue was full or slow.", {NULL}};
static const struct metric_family keys = {
    "shop_jwt_keys", METRIC_GAUGE, "Keys that access tokens are verified with.", {NULL}};

const char *const metric_no_labels[METRIC_LABELS_MAX] = {NULL};

static void
set_by(
    struct metrics *metrics, const struct metric_family *family, const char *label, int64_t value)
{
	const char *const values[METRIC_LABELS_MAX] = {label};

	metric_set(metrics, family, values, value);
}

void
auth_metrics_collect(const struct app *app)
{
	struct hasher_stats hashing;

	passwords_stats(app->passwords, &hashing);
	set_by(app->metrics, &bcrypt_jobs, "waiting", hashing.queued);
	set_by(app->metrics, &bcrypt_jobs, "running", hashing.running);
	metric_set(app->metrics, &bcrypt_refused, metric_no_labels, hashing.refused);
	outbox_metrics_collect(app->outbox, app->metrics);
	metric_set(app->metrics, &keys, metric_no_labels, (int64_t)keyring_count(app->keyring));
}
