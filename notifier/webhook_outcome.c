#include "notifier/webhook_outcome.h"

#include <string.h>

#include "notifier/schedule.h"
#include "notifier/webhook.h"

#define REPLACEMENT     "\xEF\xBF\xBD" /* U+FFFD */
#define REPLACEMENT_LEN (sizeof(REPLACEMENT) - 1)

/* Any bytes as text that a database keeps: no NUL, and what is no UTF-8 is replaced.  A character
 * that would not fit whole is left out.  NULL at the arena's cap. */
static const char *
clean(struct arena *arena, const char *bytes, size_t len)
{
	char *text = arena_alloc(arena, WEBHOOK_RESPONSE_MAX + 1);
	size_t filled = 0;

	if (text == NULL)
		return NULL;
	for (size_t at = 0; at < len;) {
		size_t step = bytes[at] == '\0' ? 0 : utf8_sequence(bytes + at, len - at);
		const char *from = step > 0 ? bytes + at : REPLACEMENT;
		size_t from_len = step > 0 ? step : REPLACEMENT_LEN;

		if (filled + from_len > WEBHOOK_RESPONSE_MAX)
			break;
		memcpy(text + filled, from, from_len);
		filled += from_len;
		at += step > 0 ? step : 1;
	}
	text[filled] = '\0';
	return text;
}

void
webhook_outcome_unsent(const struct delivery *delivery, enum attempt_result result, const char *why,
    struct delivery_result *out)
{
	*out = (struct delivery_result){
	    .id = delivery->id,
	    .webhook_id = delivery->webhook_id,
	    .attempt = delivery->attempt,
	    .outcome = {result, why, 0},
	};
}

static const char *
detail_of(const struct delivery *delivery, const struct http_posted *posted)
{
	const char *text;

	if (posted->status >= 300 && posted->status < 400)
		return "redirects are not followed";
	if (posted->status != 0)
		return "";
	text = clean(delivery->arena, posted->error, strlen(posted->error));
	return text != NULL ? text : "no answer";
}

void
webhook_outcome_of_answer(const struct delivery *delivery, const struct http_posted *posted,
    uint32_t dice, struct delivery_result *out)
{
	enum attempt_result result = ATTEMPT_TRY_LATER;

	if (posted->status >= 200 && posted->status < 300)
		result = ATTEMPT_SENT;
	else if (posted->status == WEBHOOK_STATUS_GONE ||
	    delivery->step >= SCHEDULE_WEBHOOK_ATTEMPTS)
		result = ATTEMPT_REFUSED;
	webhook_outcome_unsent(delivery, result, detail_of(delivery, posted), out);
	out->outcome.duration_ms = posted->duration_ms;
	out->status_code = posted->status;
	if (posted->status != 0)
		out->response = clean(delivery->arena, posted->response, posted->response_len);
	if (result == ATTEMPT_TRY_LATER)
		out->pause_ms = schedule_webhook_ms(delivery->step, posted->retry_after_s, dice);
}
