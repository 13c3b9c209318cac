/*
 * base/config_print: the settings' rows as texts for people.
 *
 * Layer: base.  Main thread, at start.
 */
#ifndef SHARED_BASE_CONFIG_PRINT_H
#define SHARED_BASE_CONFIG_PRINT_H

#include <stdio.h>

struct config_table;

/* The rows for --help. */
void config_print_help(const struct config_table *tables, FILE *out);
/* The rows as the README's Markdown table. */
void config_print_markdown(const struct config_table *tables, FILE *out);

#endif
