#include "shared/infra/resolver.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "shared/base/check.h"
#include "shared/base/thread.h"
#include "shared/infra/address_policy.h"

#define AT_ONCE   4
#define LIMIT_MS  2000
#define END_MS    10000
#define HOST_SIZE 256

struct slot {
	struct resolver *resolver;
	bool taken;
	bool given_up; /* nobody waits for the answer any more */
	bool answered; /* the thread touches the slot no more: it can be joined */
	pthread_t thread;
	char host[HOST_SIZE];
	enum err err;
	const char *what;
};

struct resolver {
	pthread_mutex_t lock; /* over all slots, but for `host` */
	pthread_cond_t answered;
	struct slot slots[AT_ONCE];
};

static void
lock(struct resolver *resolver)
{
	check(pthread_mutex_lock(&resolver->lock) == 0);
}

static void
unlock(struct resolver *resolver)
{
	check(pthread_mutex_unlock(&resolver->lock) == 0);
}

enum err
resolver_new(struct resolver **out)
{
	struct resolver *resolver = calloc(1, sizeof(*resolver));

	TRY_ALLOC(resolver);
	check(pthread_mutex_init(&resolver->lock, NULL) == 0);
	thread_condition_init(&resolver->answered);
	for (size_t i = 0; i < AT_ONCE; i++)
		resolver->slots[i].resolver = resolver;
	*out = resolver;
	return ERR_OK;
}

/* --- asking ---------------------------------------------------------------------------------- */

/* ERR_NOT_FOUND: HOST has no address. */
static enum err
look_up(const char *host, int flags, const char **what)
{
	const struct addrinfo hints = {
	    .ai_flags = flags, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	const char *refusal = NULL;

	if (getaddrinfo(host, NULL, &hints, &found) != 0)
		return ERR_NOT_FOUND;
	for (const struct addrinfo *at = found; at != NULL && refusal == NULL; at = at->ai_next)
		refusal = address_policy_refuses(at->ai_addr);
	freeaddrinfo(found);
	*what = refusal;
	return ERR_OK;
}

bool
resolver_is_address(const char *host, const char **what)
{
	return look_up(host, AI_NUMERICHOST, what) == ERR_OK;
}

static void *
run_slot(void *context)
{
	struct slot *slot = context;
	const char *what = NULL;
	enum err err = look_up(slot->host, 0, &what);

	lock(slot->resolver);
	slot->err = err;
	slot->what = what;
	slot->answered = true;
	(void)pthread_cond_broadcast(&slot->resolver->answered);
	unlock(slot->resolver);
	return NULL;
}

/* --- slots ----------------------------------------------------------------------------------- */

/* With the lock held.  NULL: all are taken. */
static struct slot *
take_slot(struct resolver *resolver, const char *host)
{
	for (size_t i = 0; i < AT_ONCE; i++) {
		struct slot *slot = &resolver->slots[i];

		if (slot->given_up && slot->answered) {
			check(pthread_join(slot->thread, NULL) == 0);
			slot->taken = false;
		}
		if (slot->taken)
			continue;
		(void)snprintf(slot->host, sizeof(slot->host), "%s", host);
		slot->given_up = slot->answered = false;
		if (thread_start(&slot->thread, run_slot, slot) != ERR_OK)
			return NULL;
		slot->taken = true;
		return slot;
	}
	return NULL;
}

/* With the lock held. */
static enum err
await(struct slot *slot, int64_t limit_ms, const char **what)
{
	const struct timespec until = thread_time_in(limit_ms);
	struct resolver *resolver = slot->resolver;
	int failed = 0;

	while (!slot->answered && failed == 0)
		failed = pthread_cond_timedwait(&resolver->answered, &resolver->lock, &until);
	/* Whoever takes the slot next joins its thread. */
	slot->given_up = true;
	if (!slot->answered)
		return ERR_DEADLINE;
	if (slot->err == ERR_OK)
		*what = slot->what;
	return slot->err;
}

enum err
resolver_check(
    struct resolver *resolver, const struct deadline *deadline, const char *host, const char **what)
{
	int64_t limit_ms = deadline_left_ms(deadline) / 2;
	struct slot *slot;
	enum err err = ERR_BUSY;

	if (strlen(host) >= HOST_SIZE)
		return ERR_NOT_FOUND;
	lock(resolver);
	slot = take_slot(resolver, host);
	if (slot != NULL)
		err = await(slot, limit_ms < LIMIT_MS ? limit_ms : LIMIT_MS, what);
	unlock(resolver);
	return err;
}

void
resolver_free(struct resolver **resolver)
{
	const struct deadline deadline = deadline_in(&clock_system, END_MS);
	bool all_ended = true;

	if (*resolver == NULL)
		return;
	for (size_t i = 0; i < AT_ONCE; i++) {
		const struct slot *slot = &(*resolver)->slots[i];

		if (slot->taken && thread_join(slot->thread, &deadline) != ERR_OK)
			all_ended = false;
	}
	/* Otherwise a thread still writes to it: it goes with the process. */
	if (all_ended) {
		(void)pthread_cond_destroy(&(*resolver)->answered);
		(void)pthread_mutex_destroy(&(*resolver)->lock);
		free(*resolver);
	}
	*resolver = NULL;
}
