#include "notifier/intake.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "shared/base/check.h"

struct intake {
	size_t queues;
	atomic_size_t consumed;
	_Atomic(const char *) refused;
};

enum err
intake_new(size_t queues, struct intake **out)
{
	struct intake *intake = calloc(1, sizeof(*intake));

	TRY_ALLOC(intake);
	intake->queues = queues;
	atomic_init(&intake->consumed, 0);
	atomic_init(&intake->refused, NULL);
	*out = intake;
	return ERR_OK;
}

void
intake_free(struct intake **intake)
{
	free(*intake);
	*intake = NULL;
}

void
intake_begin(struct intake *intake)
{
	check(atomic_fetch_add(&intake->consumed, 1) < intake->queues);
}

void
intake_end(struct intake *intake)
{
	check(atomic_fetch_sub(&intake->consumed, 1) > 0);
}

void
intake_refused(struct intake *intake, const char *queue)
{
	atomic_store(&intake->refused, queue);
}

enum err
intake_check(const struct intake *intake, char *detail, size_t size)
{
	size_t consumed = atomic_load(&intake->consumed);
	const char *refused = atomic_load(&intake->refused);

	if (consumed == intake->queues)
		return ERR_OK;
	if (refused != NULL) {
		(void)snprintf(
		    detail, size, "queue %s exists with other arguments, or is forbidden", refused);
		return ERR_UNAVAILABLE;
	}
	(void)snprintf(detail, size, "%zu of %zu queues are consumed", consumed, intake->queues);
	return ERR_UNAVAILABLE;
}
