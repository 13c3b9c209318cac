#include "notifier/webhook_row.h"

#include <stdio.h>
#include <string.h>

const char *
webhook_events_write(struct webhook_events_text *out, unsigned events)
{
	size_t len = 0;

	out->text[0] = '\0';
	for (size_t i = 0; webhook_event_names[i] != NULL; i++)
		if ((events & 1u << i) != 0)
			len += (size_t)snprintf(out->text + len, sizeof(out->text) - len, "%s%s",
			    len > 0 ? "," : "", webhook_event_names[i]);
	return out->text;
}

/* A name that this release does not know was written by a later one. */
static unsigned
parse_events(const char *text)
{
	unsigned events = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, ",");

		for (size_t i = 0; webhook_event_names[i] != NULL; i++)
			if (strlen(webhook_event_names[i]) == len &&
			    strncmp(webhook_event_names[i], text, len) == 0)
				events |= 1u << i;
		text += len + (text[len] != '\0');
	}
	return events;
}

enum err
webhook_from_row(struct arena *arena, const struct pg_result *rows, size_t row, struct webhook *out)
{
	struct webhook webhook = {
	    .id = pg_id(rows, row, 0),
	    .owner_id = pg_id(rows, row, 1),
	    .events = parse_events(pg_text(rows, row, 3)),
	    .active = pg_bool(rows, row, 4),
	    .created_at_ms = pg_int(rows, row, 6),
	    .updated_at_ms = pg_int(rows, row, 7),
	};

	TRY(pg_copy(rows, row, 2, arena, &webhook.url));
	TRY(pg_copy(rows, row, 5, arena, &webhook.disabled_reason));
	*out = webhook;
	return ERR_OK;
}

enum err
webhook_row_run(struct pg *pg, const struct deadline *deadline, struct arena *arena,
    const struct pg_statement *statement, const char *const *values, size_t count,
    struct webhook *out)
{
	auto_pg_result struct pg_result *rows = NULL;

	TRY(pg_run(pg, deadline, statement, values, count, &rows));
	return pg_rows(rows) == 0 ? ERR_NOT_FOUND : webhook_from_row(arena, rows, 0, out);
}
