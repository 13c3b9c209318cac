#include "fcgi/auth/auth_metrics.h"

#include "fcgi/auth/app.h"
#include "fcgi/auth/keyring.h"
#include "fcgi/auth/passwords.h"
#include "shared/infra/outbox.h"

const struct metric_family metric_bcrypt_wait = {"shop_bcrypt_wait_seconds", METRIC_HISTOGRAM,
    "Time that passwords waited for their turn to be hashed.", {NULL}};
const struct metric_family metric_sign_ins = {
    "shop_sign_ins_total", METRIC_COUNTER, "Sign-ins by result.", {"result"}};

static const struct metric_family bcrypt_jobs = {
    "shop_bcrypt_jobs", METRIC_GAUGE, "Passwords being hashed, or waiting for it.", {"state"}};
static const struct metric_family bcrypt_refused = {"shop_bcrypt_refused_total", METRIC_COUNTER,
    "Requests refused because the hashing queue was full or slow.", {NULL}};
static const struct metric_family outbox_depth = {
    "shop_outbox_events", METRIC_GAUGE, "Events that wait for the broker.", {NULL}};
static const struct metric_family outbox_age = {"shop_outbox_oldest_seconds", METRIC_GAUGE,
    "Age of the oldest event that waits for the broker.", {NULL}};
static const struct metric_family outbox_events = {"shop_outbox_relayed_total", METRIC_COUNTER,
    "Events handed to the broker, by result.", {"result"}};
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
	struct outbox_stats relay;

	passwords_stats(app->passwords, &hashing);
	set_by(app->metrics, &bcrypt_jobs, "waiting", hashing.queued);
	set_by(app->metrics, &bcrypt_jobs, "running", hashing.running);
	metric_set(app->metrics, &bcrypt_refused, metric_no_labels, hashing.refused);
	outbox_stats(app->outbox, &relay);
	metric_set(app->metrics, &outbox_depth, metric_no_labels, relay.depth);
	metric_set(app->metrics, &outbox_age, metric_no_labels, relay.oldest_ms / 1000);
	set_by(app->metrics, &outbox_events, "confirmed", relay.published);
	set_by(app->metrics, &outbox_events, "returned", relay.returned);
	set_by(app->metrics, &outbox_events, "failed", relay.failures);
	metric_set(app->metrics, &keys, metric_no_labels, (int64_t)keyring_count(app->keyring));
}
