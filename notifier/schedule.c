#include "notifier/schedule.h"

#include <stddef.h>

#include "shared/base/macros.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)

#define RETRY_AFTER_MAX_S ((int64_t)24 * 3600)

static int64_t
spread(int64_t ms, uint32_t dice)
{
	int64_t fifth = ms / 5;

	return ms - fifth + (int64_t)dice % (2 * fifth + 1);
}

static int64_t
look_up(const int64_t *steps, size_t count, int64_t attempt, uint32_t dice)
{
	size_t at = attempt < 1 ? 0 : (size_t)(attempt - 1);

	return spread(steps[at < count ? at : count - 1], dice);
}

int64_t
schedule_email_ms(int64_t attempt, uint32_t dice)
{
	static const int64_t steps[] = {5 * SECOND, 30 * SECOND, 2 * MINUTE, 5 * MINUTE,
	    10 * MINUTE, 20 * MINUTE, 40 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR};

	return look_up(steps, COUNT_OF(steps), attempt, dice);
}

int64_t
schedule_contact_ms(int64_t attempt, uint32_t dice)
{
	static const int64_t steps[] = {SECOND / 4, SECOND, 2 * SECOND, 5 * SECOND, 15 * SECOND,
	    MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR};

	return look_up(steps, COUNT_OF(steps), attempt, dice);
}

int64_t
schedule_webhook_ms(int64_t attempt, int64_t retry_after_s, uint32_t dice)
{
	/* The first attempt is made at once. */
	static const int64_t steps[SCHEDULE_WEBHOOK_ATTEMPTS - 1] = {5 * SECOND, 5 * MINUTE,
	    30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR};
	int64_t pause_ms = look_up(steps, COUNT_OF(steps), attempt, dice);
	int64_t asked_ms;

	if (retry_after_s <= 0)
		return pause_ms;
	asked_ms =
	    retry_after_s < RETRY_AFTER_MAX_S ? retry_after_s * SECOND : RETRY_AFTER_MAX_S * SECOND;
	/* Spread upwards alone. */
	asked_ms += (int64_t)dice % (asked_ms / 10 + 1);
	return asked_ms > pause_ms ? asked_ms : pause_ms;
}
