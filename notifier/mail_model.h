/*
 * notifier/mail_model: from a job to what its template shows.
 *
 * Domain, pure: the job's data become texts for a person.
 */
#ifndef NOTIFIER_MAIL_MODEL_H
#define NOTIFIER_MAIL_MODEL_H

#include "notifier/job_store.h"
#include "shared/base/buf.h"

struct mail_words { /* each reset before it is written */
	struct buf subject, text, html;
};

/*
 * Writes JOB, which has a contact, in the contact's language, as of NOW_MS.  Links begin with
 * PUBLIC_URL.  ERR_NOT_FOUND: no template of that name; ERR_TOKEN_SPENT: what it would link to has
 * expired; ERR_CORRUPT: the job's data lack what it needs; ERR_MEMORY.
 */
MUST_USE enum err mail_model_render(struct arena *arena, const char *public_url, int64_t now_ms,
    const struct job *job, struct mail_words *out);

#endif
