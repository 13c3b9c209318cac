#include "fcgi/auth/passwords.h"

#include <stdlib.h>
#include <string.h>

#include "fcgi/auth/auth_metrics.h"
#include "shared/base/log.h"
#include "shared/base/str.h"

struct pepper {
	const char *secret; /* "": none */
	char id[PASSWORD_PEPPER_ID_SIZE];
};

struct passwords {
	struct pepper now, old;
	int64_t cost;
	char dummy[PASSWORD_HASH_SIZE];
	struct hasher *hasher;
	struct metrics *metrics;
};

enum err
passwords_new(
    const struct passwords_settings *settings, struct metrics *metrics, struct passwords **out)
{
	struct passwords *passwords = calloc(1, sizeof(*passwords));
	enum err err;

	TRY_ALLOC(passwords);
	passwords->now.secret = settings->pepper;
	passwords->old.secret = settings->pepper_old;
	password_pepper_id(settings->pepper, passwords->now.id);
	password_pepper_id(settings->pepper_old, passwords->old.id);
	passwords->cost = settings->cost;
	passwords->metrics = metrics;
	password_dummy(settings->cost, passwords->dummy);
	err = hasher_new(&settings->hasher, &passwords->hasher);
	if (err != ERR_OK) {
		free(passwords);
		return err;
	}
	*out = passwords;
	return ERR_OK;
}

void
passwords_free(struct passwords **passwords)
{
	if (*passwords == NULL)
		return;
	hasher_free(&(*passwords)->hasher);
	free(*passwords);
	*passwords = NULL;
}

static enum err
run(struct passwords *passwords, const struct deadline *deadline, const struct pepper *pepper,
    const char *normal, const char *setting, struct fault *fault, char out[PASSWORD_HASH_SIZE])
{
	char phrase[PASSWORD_PREHASH_SIZE];
	struct hasher_turn turn;
	enum err err;

	password_prehash(pepper->secret, normal, phrase);
	err = hasher_run(passwords->hasher, deadline, phrase, setting, out, &turn);
	bytes_wipe(phrase, sizeof(phrase));
	metric_observe_ms(
	    passwords->metrics, &metric_bcrypt_wait, metric_no_labels, turn.waited_ms);
	fault->retry_after_s = turn.retry_after_s;
	return err;
}

enum err
passwords_hash(struct passwords *passwords, const struct deadline *deadline, const char *normal,
    struct fault *fault, struct password_hash *out)
{
	char setting[PASSWORD_SETTING_SIZE];

	password_setting(passwords->cost, setting);
	TRY(run(passwords, deadline, &passwords->now, normal, setting, fault, out->text));
	memcpy(out->pepper_id, passwords->now.id, sizeof(out->pepper_id));
	return ERR_OK;
}

static const struct pepper *
pepper_of(const struct passwords *passwords, const char *id)
{
	if (str_equal(passwords->now.id, id))
		return &passwords->now;
	if (passwords->old.secret[0] != '\0' && str_equal(passwords->old.id, id))
		return &passwords->old;
	return NULL;
}

enum err
passwords_verify(struct passwords *passwords, const struct deadline *deadline, const char *normal,
    const char *stored, const char *pepper_id, struct fault *fault, struct password_verdict *out)
{
	const struct pepper *pepper =
	    stored != NULL ? pepper_of(passwords, pepper_id) : &passwords->now;
	const char *setting = stored != NULL ? stored : passwords->dummy;
	int64_t cost = password_stored_cost(setting);
	char computed[PASSWORD_HASH_SIZE];

	if (pepper == NULL || cost < 0) {
		log_error("a stored password can't be checked",
		    LOG_TEXT("reason", cost < 0 ? "its hash is none" : "its pepper is not known"));
		return ERR_CORRUPT;
	}
	TRY(run(passwords, deadline, pepper, normal, setting, fault, computed));
	out->matches = bytes_equal_secret(computed, strlen(computed), setting, strlen(setting)) &&
	    stored != NULL;
	out->outdated = cost != passwords->cost || pepper != &passwords->now;
	bytes_wipe(computed, sizeof(computed));
	return ERR_OK;
}

void
passwords_stats(struct passwords *passwords, struct hasher_stats *out)
{
	hasher_stats(passwords->hasher, out);
}
