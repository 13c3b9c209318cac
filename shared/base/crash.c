#include "shared/base/crash.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/num.h"

#ifdef FAULT_POINTS

/* Passages of the point that CRASH_AT names; a process has one such point. */
static atomic_llong passages;

void
crash_point(const char *name)
{
	const char *wanted = getenv("CRASH_AT");
	size_t len = strlen(name);
	int64_t at_passage = 1;

	if (wanted == NULL || strncmp(wanted, name, len) != 0)
		return;
	if (wanted[len] == ':') {
		if (num_parse_i64(wanted + len + 1, 1, INT64_MAX, &at_passage) != ERR_OK)
			return;
	} else if (wanted[len] != '\0') {
		return;
	}
	if (atomic_fetch_add(&passages, 1) + 1 < at_passage)
		return;
	(void)kill(getpid(), SIGKILL);
	for (;;)
		(void)pause(); /* no step further, while the signal is under way */
}

#endif
