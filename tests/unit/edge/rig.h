/*
 * tests/unit/edge/rig: a request and a response to try things on.  `rig` is made anew for each test
 * by rig_setup and rig_teardown.
 */
#ifndef TESTS_UNIT_EDGE_RIG_H
#define TESTS_UNIT_EDGE_RIG_H

#include <string.h>

#include "tests/unit/unit.h"

#include "shared/edge/request.h"
#include "shared/edge/response.h"

#define RIG_HEADERS_MAX 8

static struct rig {
	struct arena *arena;
	struct buf buf;
	struct request rq;
	struct response rs;
	char *headers[RIG_HEADERS_MAX + 1];
} rig;

static int
rig_setup(void **state)
{
	(void)state;
	memset(&rig, 0, sizeof(rig));
	if (arena_new((size_t)4 << 20, &rig.arena) != ERR_OK)
		return -1;
	buf_init(&rig.buf, (size_t)4 << 20);
	rig.rq.arena = rig.arena;
	rig.rq.method = METHOD_GET;
	rig.rq.path = "/";
	rig.rq.query = "";
	rig.rq.headers = rig.headers;
	rig.rq.request_id = "request-1";
	fault_init(&rig.rq.fault, rig.arena);
	response_init(&rig.rs, rig.arena, &rig.buf);
	return 0;
}

static int
rig_teardown(void **state)
{
	(void)state;
	arena_free(&rig.arena);
	buf_fini(&rig.buf);
	return 0;
}

/* ENTRY is "HTTP_IF_MATCH=…"; it takes the place of all before it. */
__attribute__((unused)) static void
rig_header(const char *entry)
{
	rig.headers[0] = arena_strdup(rig.arena, entry);
	rig.headers[1] = NULL;
}

/* The value of the answer's header NAME, or "". */
__attribute__((unused)) static const char *
rig_answer_header(const char *name)
{
	for (const struct header *header = rig.rs.headers; header != NULL; header = header->next)
		if (str_equal(header->name, name))
			return header->value;
	return "";
}

/* Forgets the faults that were found. */
__attribute__((unused)) static void
rig_forget(void)
{
	fault_init(&rig.rq.fault, rig.arena);
}

/* The faults as one text: "/name required, /price/amount out_of_range". */
__attribute__((unused)) static const char *
rig_faults(void)
{
	struct buf text;
	const char *copy;

	buf_init(&text, 10000);
	for (const struct field_fault *field = rig.rq.fault.first; field != NULL;
	     field = field->next)
		buf_printf(&text, "%s%s %s", text.len > 0 ? ", " : "", field->where,
		    field_code_text(field->code));
	copy = arena_strdup(rig.arena, text.data != NULL ? text.data : "");
	buf_fini(&text);
	return copy;
}

#define rig_test(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

#endif
