#include "shared/base/crash.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/log.h"
#include "shared/base/num.h"

#ifdef FAULT_POINTS

#define NUMBER_SIZE 24

/* Passages of the points that CRASH_AT names. */
static atomic_llong passages;

/* Does the setting's ENTRY, LEN bytes of "name" or "name:passage", name this point? */
static bool
entry_names(const char *entry, size_t len, const char *name, int64_t *at_passage)
{
	size_t name_len = strlen(name);
	char number[NUMBER_SIZE];

	if (len < name_len || strncmp(entry, name, name_len) != 0)
		return false;
	*at_passage = 1;
	if (len == name_len)
		return true;
	if (entry[name_len] != ':' || len - name_len > sizeof(number))
		return false;
	memcpy(number, entry + name_len + 1, len - name_len - 1);
	number[len - name_len - 1] = '\0';
	return num_parse_i64(number, 1, INT64_MAX, at_passage) == ERR_OK;
}

static bool
setting_names(const char *setting, const char *name, int64_t *at_passage)
{
	for (;;) {
		size_t len = strcspn(setting, ",");

		if (entry_names(setting, len, name, at_passage))
			return true;
		if (setting[len] == '\0')
			return false;
		setting += len + 1;
	}
}

void
crash_point(const char *name)
{
	const char *setting = getenv("CRASH_AT");
	int64_t at_passage;

	if (setting == NULL || !setting_names(setting, name, &at_passage))
		return;
	if (atomic_fetch_add(&passages, 1) + 1 < at_passage)
		return;
	log_warn("crash point", LOG_TEXT("point", name));
	(void)kill(getpid(), SIGKILL);
	for (;;)
		(void)pause(); /* no step further, while the signal is under way */
}

#endif
