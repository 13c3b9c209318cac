/*
 * notifier/schedule: when a message that could not be sent is tried again.
 *
 * Domain, pure.
 */
#ifndef NOTIFIER_SCHEDULE_H
#define NOTIFIER_SCHEDULE_H

#include <stdint.h>

/* After this long, counted from the job's making, a message is given up. */
#define SCHEDULE_EMAIL_MAX_MS ((int64_t)24 * 3600 * 1000)

/*
 * Milliseconds from failed attempt number ATTEMPT (1, 2, …) to the next: from seconds, for a server
 * that restarts, over minutes, for greylisting, to hours.  DICE, any number, spreads it by a fifth
 * in both directions.
 */
int64_t schedule_email_ms(int64_t attempt, uint32_t dice);

/* The same where the recipient is not known yet: the event that tells of them may be on its way. */
int64_t schedule_contact_ms(int64_t attempt, uint32_t dice);

/* After so many attempts a webhook's delivery is given up: about three days. */
#define SCHEDULE_WEBHOOK_ATTEMPTS 10
/* An endpoint that has failed for so long, without one success, is disabled. */
#define SCHEDULE_WEBHOOK_FAILING_MAX_MS ((int64_t)5 * 24 * 3600 * 1000)

/*
 * The same for a webhook, by Standard Webhooks' schedule.  RETRY_AFTER_S, what the endpoint asked
 * for (0: nothing), is honoured up to a day; nobody is called earlier than they asked for.
 */
int64_t schedule_webhook_ms(int64_t attempt, int64_t retry_after_s, uint32_t dice);

#endif
