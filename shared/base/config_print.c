#include "shared/base/config_print.h"

#include <inttypes.h>

#include "shared/base/config.h"

/* What a value may be: "1–256 threads", "true or false", "debug, info or warn". */
static void
print_kind(const struct config_row *row, FILE *out)
{
	switch (row->type) {
	case CONFIG_INT:
		(void)fprintf(out, "%" PRId64 "–%" PRId64, row->min, row->max);
		break;
	case CONFIG_BOOL:
		(void)fputs("true or false", out);
		break;
	case CONFIG_TEXT:
		(void)fputs("text", out);
		break;
	case CONFIG_SECRET:
		(void)fputs("secret", out);
		break;
	case CONFIG_URL:
		(void)fputs("http(s) address", out);
		break;
	case CONFIG_NETWORKS:
		(void)fputs("networks", out);
		break;
	case CONFIG_CHOICE:
		for (size_t i = 0; row->choices[i] != NULL; i++) {
			const char *before = i == 0       ? ""
			    : row->choices[i + 1] != NULL ? ", "
							  : " or ";

			(void)fprintf(out, "%s%s", before, row->choices[i]);
		}
		break;
	}
	if (row->unit != NULL)
		(void)fprintf(out, " %s", row->unit);
}

void
config_print_help(const struct config_table *tables, FILE *out)
{
	(void)fputs("Settings, from the environment:\n", out);
	for (; tables->rows != NULL; tables++) {
		for (const struct config_row *row = tables->rows; row->name != NULL; row++) {
			(void)fprintf(out, "\n  %s (", row->name);
			print_kind(row, out);
			if (row->fallback == NULL)
				(void)fputs("; required)\n", out);
			else if (*row->fallback == '\0')
				(void)fputs("; none unless given)\n", out);
			else
				(void)fprintf(out, "; default %s)\n", row->fallback);
			(void)fprintf(out, "      %s\n", row->text);
			if (row->type == CONFIG_SECRET)
				(void)fprintf(out,
				    "      Or %s_FILE, the path of a file with it.\n", row->name);
		}
	}
}

/* A bar would end the cell. */
static void
print_cell(const char *text, FILE *out)
{
	for (; *text != '\0'; text++) {
		if (*text == '|')
			(void)fputc('\\', out);
		(void)fputc(*text, out);
	}
}

void
config_print_markdown(const struct config_table *tables, FILE *out)
{
	(void)fputs("| Variable | Meaning | Value | Default |\n|---|---|---|---|\n", out);
	for (; tables->rows != NULL; tables++) {
		for (const struct config_row *row = tables->rows; row->name != NULL; row++) {
			(void)fprintf(out, "| `%s`", row->name);
			if (row->type == CONFIG_SECRET)
				(void)fprintf(out, " or `%s_FILE`", row->name);
			(void)fputs(" | ", out);
			print_cell(row->text, out);
			(void)fputs(" | ", out);
			print_kind(row, out);
			if (row->fallback == NULL) {
				(void)fputs(" | required |\n", out);
			} else if (*row->fallback == '\0') {
				(void)fputs(" | none |\n", out);
			} else {
				(void)fputs(" | `", out);
				print_cell(row->fallback, out);
				(void)fputs("` |\n", out);
			}
		}
	}
}
