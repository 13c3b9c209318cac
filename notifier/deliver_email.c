#include "notifier/deliver_email.h"

#include <stdlib.h>

#include "notifier/app.h"
#include "notifier/mail_model.h"
#include "shared/base/log.h"
#include "shared/base/str.h"
#include "shared/infra/smtp.h"

#define SUBJECT_MAX_BYTES 2000
#define BODY_MAX_BYTES    ((size_t)1024 * 1024)
#define DETAIL_SIZE       256

struct emailer {
	const struct app *app;
	struct smtp *smtp;
	struct mail_words words;
};

enum err
emailer_new(const struct app *app, struct emailer **out)
{
	struct emailer *emailer = calloc(1, sizeof(*emailer));
	enum err err;

	TRY_ALLOC(emailer);
	emailer->app = app;
	buf_init(&emailer->words.subject, SUBJECT_MAX_BYTES);
	buf_init(&emailer->words.text, BODY_MAX_BYTES);
	buf_init(&emailer->words.html, BODY_MAX_BYTES);
	err = smtp_new(app->settings->smtp_url, &emailer->smtp);
	if (err != ERR_OK) {
		emailer_free(&emailer);
		return err;
	}
	*out = emailer;
	return ERR_OK;
}

void
emailer_free(struct emailer **emailer)
{
	struct emailer *own = *emailer;

	if (own == NULL)
		return;
	smtp_free(&own->smtp);
	buf_fini(&own->words.subject);
	buf_fini(&own->words.text);
	buf_fini(&own->words.html);
	free(own);
	*emailer = NULL;
}

static void
end(struct attempt *out, enum attempt_result result, const char *detail)
{
	out->result = result;
	out->detail = detail;
}

/* A failure before anything was sent.  A template that is not there may come with the release that
 * is being rolled out; data that can't be shown never get better. */
static void
end_unsent(struct attempt *out, enum err err)
{
	log_error("mail can't be made", LOG_ERR(err));
	if (err == ERR_CORRUPT)
		end(out, ATTEMPT_REFUSED, "the job's data can't be shown");
	else if (err == ERR_TOKEN_SPENT)
		end(out, ATTEMPT_REFUSED, "its link has expired");
	else
		end(out, ATTEMPT_TRY_LATER,
		    err == ERR_NOT_FOUND ? "no such template" : "out of memory");
}

static void
send_mail(struct emailer *emailer, const struct deadline *deadline, struct arena *arena,
    const struct job *job, struct attempt *out)
{
	static const enum attempt_result results[] = {[SMTP_SENT] = ATTEMPT_SENT,
	    [SMTP_TRY_LATER] = ATTEMPT_TRY_LATER,
	    [SMTP_REFUSED] = ATTEMPT_REFUSED};
	const struct mail_sender *sender = &emailer->app->sender;
	char *detail = arena_alloc(arena, DETAIL_SIZE);
	/* The same at each try, so that a mail that was sent twice can be told by its reader. */
	const char *message_id = arena_printf(arena, "<%s.%s.%s@%s>", job->event_id.text,
	    job->template, job->recipient.text, sender->host);
	const struct mail mail = {
	    .from_address = sender->address,
	    .from_name = sender->name,
	    .to_address = job->contact.email,
	    .to_name = job->contact.name,
	    .subject = emailer->words.subject.data,
	    .message_id = message_id,
	    .date_ms = job->created_at_ms,
	    .headers = {{"X-Shop-Template", job->template}, {"X-Shop-Event", job->event_id.text},
		{"Auto-Submitted", "auto-generated"}},
	    .text = emailer->words.text.data,
	    .html = emailer->words.html.data,
	};
	enum smtp_result result;
	enum err err;

	if (detail == NULL || message_id == NULL) {
		end_unsent(out, ERR_MEMORY);
		return;
	}
	err = smtp_send(emailer->smtp, deadline, &mail, &result, detail, DETAIL_SIZE);
	if (err != ERR_OK)
		end_unsent(out, err);
	else
		end(out, results[result], detail);
}

static void
wipe(struct buf *buf)
{
	if (buf->len > 0)
		bytes_wipe(buf->data, buf->len);
}

void
emailer_send(struct emailer *emailer, const struct deadline *deadline, struct arena *arena,
    const struct job *job, struct attempt *out)
{
	int64_t began_ms = clock_monotonic_ms(emailer->app->clock);
	enum err err;

	if (job->contact.deleted) {
		end(out, ATTEMPT_REFUSED, "the account was deleted");
	} else {
		err = mail_model_render(arena, emailer->app->settings->program.public_url,
		    clock_now_ms(emailer->app->clock), job, &emailer->words);
		if (err == ERR_OK)
			send_mail(emailer, deadline, arena, job, out);
		else
			end_unsent(out, err);
	}
	out->duration_ms = clock_monotonic_ms(emailer->app->clock) - began_ms;
	/* They may hold a token. */
	wipe(&emailer->words.text);
	wipe(&emailer->words.html);
}
