/*
 * base/money: amounts in minor units of an ISO 4217 currency.  Integers only, never a double.
 *
 * Layer: base.  Pure functions, safe on any thread.
 */
#ifndef SHARED_BASE_MONEY_H
#define SHARED_BASE_MONEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/err.h"

#define MONEY_AMOUNT_MAX INT64_C(1000000000000) /* 10^12, the contract's bound */

struct money {
	int64_t amount_minor; /* 0 … MONEY_AMOUNT_MAX */
	char currency[4];     /* three capitals and NUL */
};

/* Is TEXT the code of an active ISO 4217 currency (exactly three capitals)? */
bool money_currency_known(const char *text);
/* Digits after the point: 2 for EUR, 0 for JPY, 3 for KWD; 2 for one that is no longer active. */
unsigned money_currency_digits(const char *currency);
bool money_equal(const struct money *a, const struct money *b);
/* *out = a + b.  ERR_VALIDATION on different currencies or a sum over MONEY_AMOUNT_MAX. */
MUST_USE enum err money_add(const struct money *a, const struct money *b, struct money *out);
/* *out = unit * quantity (>= 0).  ERR_VALIDATION over MONEY_AMOUNT_MAX. */
MUST_USE enum err money_times(const struct money *unit, int64_t quantity, struct money *out);

#endif
