/*
 * infra/pg_number: a statement's value that is a number: as text.
 *
 * Layer: infra.  Pure.
 */
#ifndef SHARED_INFRA_PG_NUMBER_H
#define SHARED_INFRA_PG_NUMBER_H

#include <stdint.h>

#define PG_NUMBER_SIZE 24

/* Writes NUMBER into OUT, which it returns, so that it can stand among a statement's values. */
const char *pg_number_text(int64_t number, char out[PG_NUMBER_SIZE]);

#endif
