#include "fcgi/auth/keyring.h"

#include <pthread.h>
#include <stdlib.h>

#include "fcgi/auth/key_files.h"
#include "shared/base/check.h"
#include "shared/base/log.h"

struct keyring {
	const char *dir;
	int64_t publish_delay_ms;
	const struct clock *clock;
	pthread_mutex_t mutex; /* guards what follows */
	struct key_snapshot *now;
	struct key_files files;
	int64_t look_at_ms; /* monotonic: the next look into the folder */
};

static void
snapshot_unref(struct key_snapshot *snapshot)
{
	if (snapshot == NULL || --snapshot->references > 0)
		return;
	jwt_key_set_unref(&snapshot->set);
	free(snapshot);
}

/* Takes over the reference to SET, also on error. */
static enum err
publish(struct keyring *keyring, struct jwt_key_set *set)
{
	struct key_snapshot *snapshot = calloc(1, sizeof(*snapshot));
	const char *signer = key_files_signer(
	    &keyring->files, clock_now_ms(keyring->clock), keyring->publish_delay_ms);

	if (snapshot == NULL) {
		jwt_key_set_unref(&set);
		return ERR_MEMORY;
	}
	snapshot->set = set;
	snapshot->signer = signer != NULL ? jwt_key_set_find(set, signer) : NULL;
	snapshot->references = 1;
	snapshot_unref(keyring->now);
	keyring->now = snapshot;
	return ERR_OK;
}

/* Reads all keys of FILES anew; *BAD files among them held none. */
static enum err
reload(struct keyring *keyring, struct key_files *files, size_t *bad)
{
	struct jwt_key_set *set = NULL;
	enum err err;

	TRY(jwt_key_set_new(&set));
	err = key_files_read(
	    keyring->dir, files, &keyring->files, clock_now_ms(keyring->clock), set, bad);
	if (err != ERR_OK) {
		jwt_key_set_unref(&set);
		return err;
	}
	keyring->files = *files;
	log_info("keys read", LOG_INT("keys", (int64_t)jwt_key_set_count(set)),
	    LOG_INT("bad_files", (int64_t)*bad));
	return publish(keyring, set);
}

/* As time goes by another key of the same set may come to sign. */
static enum err
look_at_signer(struct keyring *keyring)
{
	const char *signer = key_files_signer(
	    &keyring->files, clock_now_ms(keyring->clock), keyring->publish_delay_ms);

	if (signer == NULL || jwt_key_set_find(keyring->now->set, signer) == keyring->now->signer)
		return ERR_OK;
	log_info("another key signs", LOG_TEXT("kid", signer));
	return publish(keyring, jwt_key_set_ref(keyring->now->set));
}

static enum err
look(struct keyring *keyring)
{
	struct key_files files;
	size_t bad;

	TRY(key_files_list(keyring->dir, &files));
	if (key_files_same(&files, &keyring->files))
		return look_at_signer(keyring);
	return reload(keyring, &files, &bad);
}

enum err
keyring_new(
    const char *dir, int64_t publish_delay_ms, const struct clock *clock, struct keyring **out)
{
	struct keyring *keyring = calloc(1, sizeof(*keyring));
	struct key_files files;
	size_t bad = 0;
	enum err err;

	TRY_ALLOC(keyring);
	keyring->dir = dir;
	keyring->publish_delay_ms = publish_delay_ms;
	keyring->clock = clock;
	keyring->look_at_ms = clock_monotonic_ms(clock) + KEYRING_LOOK_MS;
	check(pthread_mutex_init(&keyring->mutex, NULL) == 0);
	err = key_files_list(dir, &files);
	if (err == ERR_OK)
		err = reload(keyring, &files, &bad);
	/* At the start nothing is running yet that had better go on: be strict. */
	if (err == ERR_OK && (bad > 0 || keyring->now->signer == NULL))
		err = ERR_CONFIG;
	if (err != ERR_OK) {
		log_error("no keys to sign tokens with", LOG_TEXT("folder", dir), LOG_ERR(err));
		keyring_free(&keyring);
		return err == ERR_MEMORY ? err : ERR_CONFIG;
	}
	*out = keyring;
	return ERR_OK;
}

void
keyring_free(struct keyring **keyring)
{
	if (*keyring == NULL)
		return;
	snapshot_unref((*keyring)->now);
	(void)pthread_mutex_destroy(&(*keyring)->mutex);
	free(*keyring);
	*keyring = NULL;
}

struct key_loan
keyring_take(struct keyring *keyring)
{
	struct key_loan loan = {.keyring = keyring};
	int64_t now_ms = clock_monotonic_ms(keyring->clock);

	(void)pthread_mutex_lock(&keyring->mutex);
	if (now_ms >= keyring->look_at_ms) {
		enum err err = look(keyring);

		keyring->look_at_ms = now_ms + KEYRING_LOOK_MS;
		if (err != ERR_OK)
			log_error("the keys can't be read again", LOG_TEXT("folder", keyring->dir),
			    LOG_ERR(err));
	}
	loan.keys = keyring->now;
	loan.keys->references++;
	(void)pthread_mutex_unlock(&keyring->mutex);
	return loan;
}

void
keyring_give(struct key_loan *loan)
{
	struct keyring *keyring = loan->keyring;

	if (loan->keys == NULL)
		return;
	(void)pthread_mutex_lock(&keyring->mutex);
	snapshot_unref(loan->keys);
	loan->keys = NULL;
	(void)pthread_mutex_unlock(&keyring->mutex);
}

size_t
keyring_count(struct keyring *keyring)
{
	auto_key_loan struct key_loan loan = keyring_take(keyring);

	return jwt_key_set_count(loan.keys->set);
}
