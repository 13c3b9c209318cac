/*
 * base/config: settings from the environment by one table.
 *
 * Layer: base.  A row gives name, type, place in the program's settings struct, bounds, default,
 * unit and text; the parser, `--help` and the README's table all come from the rows.  A secret or
 * an address that may hold one (config_type CONFIG_SECRET) has a `NAME_FILE` form; giving both is
 * refused.  All bad values are reported at once.  Used at start, by the main thread only.
 */
#ifndef SHARED_BASE_CONFIG_H
#define SHARED_BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "shared/base/config_networks.h" /* IWYU pragma: export */
#include "shared/base/config_print.h"    /* IWYU pragma: export */
#include "shared/base/err.h"

enum config_type {
	CONFIG_INT,    /* int64_t; bounds min…max */
	CONFIG_BOOL,   /* bool; "true" or "false" */
	CONFIG_TEXT,   /* const char *; min…max bytes; max 0: any number */
	CONFIG_SECRET, /* as TEXT; NAME, or NAME_FILE less one newline at its end; never printed */
	CONFIG_URL,    /* const char *; http:// or https://, no trailing slash kept */
	CONFIG_NETWORKS, /* const char *; comma-separated CIDR list, each checked */
	CONFIG_CHOICE    /* int; index into `choices` */
};

struct config_row {
	const char *name;
	enum config_type type;
	size_t offset; /* of the field in the rows' struct: offsetof(...) */
	int64_t min, max;
	const char *fallback;       /* the default as text; NULL: required */
	const char *const *choices; /* CONFIG_CHOICE: NULL-terminated */
	const char *unit;           /* "ms", "bytes", … or NULL */
	const char *text;           /* one sentence for --help and the README */
};

/* Rows, which end with one whose name is NULL, and where the struct that they fill lies in the
 * settings.  Tables end with one whose rows are NULL. */
struct config_table {
	const struct config_row *rows;
	size_t offset;
};

/*
 * Fills SETTINGS from the environment.  A variable that is empty counts as not set; so a fallback
 * of "" makes a text, secret, URL or list optional, and its field is "" then.  Every fault is a
 * line on ERRORS ("NAME: what is wrong"), then ERR_CONFIG.  Strings live until the process ends.
 */
MUST_USE enum err config_load(const struct config_table *tables, void *settings, FILE *errors);

/* sysexits(3) EX_CONFIG, what a program ends with after ERR_CONFIG. */
#define CONFIG_EXIT 78

#endif
