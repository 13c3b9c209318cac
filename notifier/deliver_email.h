/*
 * notifier/deliver_email: one job by email.
 *
 * Domain: renders, adds the headers and hands the mail to infra/smtp.  An emailer belongs to one
 * thread and keeps its connection to the mail server between mails.
 */
#ifndef NOTIFIER_DELIVER_EMAIL_H
#define NOTIFIER_DELIVER_EMAIL_H

#include "notifier/job_store.h"

struct app;
struct emailer;

MUST_USE enum err emailer_new(const struct app *app, struct emailer **out);
void emailer_free(struct emailer **emailer);

/* JOB has a contact.  *OUT says how it went; `detail` lives in ARENA or for ever. */
void emailer_send(struct emailer *emailer, const struct deadline *deadline, struct arena *arena,
    const struct job *job, struct attempt *out);

#endif
