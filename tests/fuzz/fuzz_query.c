/* A query string, read as every kind of parameter. */
#include "tests/fuzz/fuzz.h"

#include "shared/edge/query.h"
#include "shared/edge/request_cgi.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const choices[] = {"price", "-price", NULL};
	static const struct text_rule rule = {.min = 1, .max = 10};
	struct arena *arena = fuzz_arena();
	bool has_text, has_number, has_choice;
	const char *text = NULL;
	int64_t number = 0, time_ms;
	struct request rq;
	struct query query;
	int choice = 0;
	struct id id;
	bool flag;

	request_init(&rq, arena, NULL, &clock_system);
	rq.query = fuzz_text(arena, data, size);
	if (query_begin(&query, &rq) != ERR_OK)
		return 0;
	query_read_text(&query, "q", &rule, &text, &has_text);
	query_read_int(&query, "n", -5, 1000, &number, &has_number);
	query_read_choice(&query, "sort", choices, &choice, &has_choice);
	query_read_bool(&query, "in_stock", &flag, NULL);
	query_read_id(&query, "id", &id, NULL);
	query_read_time(&query, "from", &time_ms, NULL);
	check(!has_text || (utf8_valid(text, strlen(text)) && !utf8_has_control(text)));
	check(!has_text || (utf8_length(text) >= 1 && utf8_length(text) <= 10));
	check(!has_number || (number >= -5 && number <= 1000));
	check(!has_choice || choice == 0 || choice == 1);
	(void)!query_end(&query);
	return 0;
}
