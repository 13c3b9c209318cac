#include "shared/base/err.h"

#include "shared/base/check.h"

struct row {
	int status;
	const char *name;
	const char *code;
	const char *title;
	const char *detail;
};

static const struct row rows[] = {
#define ERR_ROW(value, status, code, title, detail) {(status), #value, (code), (title), (detail)},
    ERR_TABLE(ERR_ROW)
#undef ERR_ROW
};

static const struct row *
row_of(enum err err)
{
	check((unsigned)err < ERR_COUNT);
	return &rows[err];
}

int
err_status(enum err err)
{
	return row_of(err)->status;
}

const char *
err_code(enum err err)
{
	return row_of(err)->code;
}

const char *
err_title(enum err err)
{
	return row_of(err)->title;
}

const char *
err_detail(enum err err)
{
	return row_of(err)->detail;
}

const char *
err_name(enum err err)
{
	return row_of(err)->name;
}
