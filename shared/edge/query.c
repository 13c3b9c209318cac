#include "shared/edge/query.h"

#include <inttypes.h>
#include <string.h>

#include "shared/base/clock.h"
#include "shared/base/num.h"

/* "name=value" of LEN bytes becomes the next parameter. */
static enum err
add_param(struct query *query, const char *text, size_t len)
{
	const char *equals = memchr(text, '=', len);
	size_t name_len = equals != NULL ? (size_t)(equals - text) : len;
	char *name, *value;

	if (query->count == QUERY_PARAMS_MAX)
		return ERR_MALFORMED;
	TRY(percent_decode(query->rq->arena, text, name_len, true, &name));
	text += name_len;
	len -= name_len;
	if (len > 0) { /* the equals sign */
		text++;
		len--;
	}
	TRY(percent_decode(query->rq->arena, text, len, true, &value));
	for (size_t i = 0; i < query->count; i++) {
		if (str_equal(query->params[i].name, name)) {
			query_fault(query, name, FIELD_DUPLICATE, "It is given twice.");
			return ERR_OK;
		}
	}
	query->params[query->count].name = name;
	query->params[query->count].value = value;
	query->count++;
	return ERR_OK;
}

enum err
query_begin(struct query *query, struct request *rq)
{
	const char *text = rq->query;

	*query = (struct query){.rq = rq};
	while (*text != '\0') {
		size_t len = strcspn(text, "&");
		enum err err = len > 0 ? add_param(query, text, len) : ERR_OK;

		if (err == ERR_MALFORMED)
			return fault_set(&rq->fault, err, "The query string can't be read.");
		TRY(err);
		text += len;
		text += *text == '&';
	}
	return ERR_OK;
}

/* The value of NAME, now seen, or NULL. */
static const char *
find(struct query *query, const char *name)
{
	for (size_t i = 0; i < query->count; i++) {
		if (str_equal(query->params[i].name, name)) {
			query->params[i].seen = true;
			return query->params[i].value;
		}
	}
	return NULL;
}

static void
set_present(bool *present, bool value)
{
	if (present != NULL)
		*present = value;
}

void
query_fault(struct query *query, const char *name, enum field_code code, const char *detail)
{
	(void)fault_field(&query->rq->fault, FIELD_IN_QUERY, name, code, "%s", detail);
}

void
query_read_text(struct query *query, const char *name, const struct text_rule *rule,
    const char **out, bool *present)
{
	const char *value = find(query, name);
	enum field_code code;
	const char *detail;

	set_present(present, false);
	if (value == NULL)
		return;
	if (!text_rule_fits(rule, value, query->rq->arena, &code, &detail)) {
		query_fault(query, name, code, detail);
		return;
	}
	*out = value;
	set_present(present, true);
}

void
query_read_int(
    struct query *query, const char *name, int64_t min, int64_t max, int64_t *out, bool *present)
{
	const char *value = find(query, name);
	const char *detail;

	set_present(present, false);
	if (value == NULL)
		return;
	switch (num_parse_i64(value, min, max, out)) {
	case ERR_OK:
		set_present(present, true);
		break;
	case ERR_VALIDATION:
		detail = arena_printf(
		    query->rq->arena, "It must be from %" PRId64 " to %" PRId64 ".", min, max);
		query_fault(query, name, FIELD_OUT_OF_RANGE, detail != NULL ? detail : "");
		break;
	default:
		query_fault(query, name, FIELD_BAD_FORMAT, "It must be a whole number.");
		break;
	}
}

void
query_read_bool(struct query *query, const char *name, bool *out, bool *present)
{
	static const char *const words[] = {"false", "true", NULL};
	bool found;
	int word;

	query_read_choice(query, name, words, &word, &found);
	if (found)
		*out = word == 1;
	set_present(present, found);
}

void
query_read_id(struct query *query, const char *name, struct id *out, bool *present)
{
	const char *value = find(query, name);
	bool fits = value != NULL && id_parse(value, out) == ERR_OK;

	if (value != NULL && !fits)
		query_fault(query, name, FIELD_BAD_FORMAT, "It must be a UUID.");
	set_present(present, fits);
}

void
query_read_time(struct query *query, const char *name, int64_t *out, bool *present)
{
	const char *value = find(query, name);
	bool fits = value != NULL && time_parse(value, out) == ERR_OK;

	if (value != NULL && !fits)
		query_fault(query, name, FIELD_BAD_FORMAT, "It must be an RFC 3339 date or time.");
	set_present(present, fits);
}

void
query_read_choice(
    struct query *query, const char *name, const char *const *choices, int *out, bool *present)
{
	const char *value = find(query, name);

	set_present(present, false);
	if (value == NULL)
		return;
	for (int i = 0; choices[i] != NULL; i++) {
		if (str_equal(choices[i], value)) {
			*out = i;
			set_present(present, true);
			return;
		}
	}
	query_fault(query, name, FIELD_NOT_ALLOWED, "It is none of the values that are allowed.");
}

enum err
query_end(struct query *query)
{
	for (size_t i = 0; i < query->count; i++)
		if (!query->params[i].seen)
			query_fault(query, query->params[i].name, FIELD_UNKNOWN,
			    "There is no such parameter.");
	return fault_check_fields(&query->rq->fault);
}

enum err
query_none(struct request *rq)
{
	struct query query;

	if (rq->query[0] == '\0')
		return ERR_OK;
	TRY(query_begin(&query, rq));
	return query_end(&query);
}
