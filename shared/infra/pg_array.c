#include "shared/infra/pg_array.h"

static void
put_comma(struct buf *array)
{
	buf_putc(array, array->len == 0 ? '{' : ',');
}

void
pg_array_put(struct buf *array, const char *text)
{
	put_comma(array);
	if (text == NULL) {
		buf_puts(array, "NULL");
		return;
	}
	buf_putc(array, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(array, '\\');
		buf_putc(array, *text);
	}
	buf_putc(array, '"');
}

void
pg_array_put_int(struct buf *array, int64_t number)
{
	put_comma(array);
	buf_printf(array, "%lld", (long long)number);
}

enum err
pg_array_end(struct buf *array, const char **out)
{
	buf_puts(array, array->len == 0 ? "{}" : "}");
	TRY(buf_finish(array));
	*out = array->data;
	return ERR_OK;
}
