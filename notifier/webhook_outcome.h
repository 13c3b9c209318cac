/*
 * notifier/webhook_outcome: what an endpoint's answer means.
 *
 * Domain, pure.
 */
#ifndef NOTIFIER_WEBHOOK_OUTCOME_H
#define NOTIFIER_WEBHOOK_OUTCOME_H

#include "notifier/delivery_store.h"

#define WEBHOOK_STATUS_GONE 410

/*
 * The result of a call: 2xx is a success, 410 the end, anything else is tried again by the schedule
 * as long as that goes on.  Texts live in the delivery's arena, or for ever.
 */
void webhook_outcome_of_answer(const struct delivery *delivery, const struct http_posted *posted,
    uint32_t dice, struct delivery_result *out);
/* The result of a delivery that was not sent, or not to the end. */
void webhook_outcome_unsent(const struct delivery *delivery, enum attempt_result result,
    const char *why, struct delivery_result *out);

#endif
