/*
 * notifier/wake: how idle threads learn that there is work, or that it is time to stop.
 *
 * Work of this process wakes all at once.  Work of other processes, and what becomes due by itself,
 * is found by looking: of all idle threads one looks, once each interval, so that an idle notifier
 * costs the database a small query each interval and not one for each thread.
 */
#ifndef NOTIFIER_WAKE_H
#define NOTIFIER_WAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "shared/base/err.h"

struct wake;

MUST_USE enum err wake_new(struct wake **out);
void wake_free(struct wake **wake);

/* From any thread: there is work. */
void wake_all(struct wake *wake);
/* From any thread: one more may look, as one has just found something. */
void wake_one(struct wake *wake);
/* Ends all waiting, for good. */
void wake_stop(struct wake *wake);
bool wake_is_stopping(struct wake *wake);

/* To be taken before looking for work, and given to wake_wait when there was none. */
uint64_t wake_ticket(struct wake *wake);
/* Returns once there was a call of wake_all since TICKET, or it is this thread's turn to look (each
 * INTERVAL_MS, or by wake_one), or all is stopping. */
void wake_wait(struct wake *wake, uint64_t ticket, int64_t interval_ms);
/* For a thread that waits for descriptors: readable since a call of wake_all or wake_stop, until
 * wake_forget, which tells whether it was.  One thread's. */
int wake_descriptor(const struct wake *wake);
bool wake_forget(const struct wake *wake);
/* Sleeps for MS unless all is stopping. */
void wake_pause(struct wake *wake, int64_t ms);

#endif
