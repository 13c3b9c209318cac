#include "shared/base/money.h"

#include <stdlib.h>
#include <string.h>

#include "shared/base/macros.h"
#include "shared/base/num.h"

#define DIGITS_AT 3 /* in a row of the table */

/*
 * ISO 4217's list one as published on 2026-01-01: the code and its digits after the point, sorted.
 * Left out is what has no minor unit, as nothing is priced in it: metals, bond units, XDR, XTS and
 * XXX.
 */
/* clang-format off */
static const char currencies[][5] = {
	"AED2", "AFN2", "ALL2", "AMD2", "AOA2", "ARS2", "AUD2", "AWG2", "AZN2", "BAM2", "BBD2",
	"BDT2", "BHD3", "BIF0", "BMD2", "BND2", "BOB2", "BOV2", "BRL2", "BSD2", "BTN2", "BWP2",
	"BYN2", "BZD2", "CAD2", "CDF2", "CHE2", "CHF2", "CHW2", "CLF4", "CLP0", "CNY2", "COP2",
	"COU2", "CRC2", "CUP2", "CVE2", "CZK2", "DJF0", "DKK2", "DOP2", "DZD2", "EGP2", "ERN2",
	"ETB2", "EUR2", "FJD2", "FKP2", "GBP2", "GEL2", "GHS2", "GIP2", "GMD2", "GNF0", "GTQ2",
	"GYD2", "HKD2", "HNL2", "HTG2", "HUF2", "IDR2", "ILS2", "INR2", "IQD3", "IRR2", "ISK0",
	"JMD2", "JOD3", "JPY0", "KES2", "KGS2", "KHR2", "KMF0", "KPW2", "KRW0", "KWD3", "KYD2",
	"KZT2", "LAK2", "LBP2", "LKR2", "LRD2", "LSL2", "LYD3", "MAD2", "MDL2", "MGA2", "MKD2",
	"MMK2", "MNT2", "MOP2", "MRU2", "MUR2", "MVR2", "MWK2", "MXN2", "MXV2", "MYR2", "MZN2",
	"NAD2", "NGN2", "NIO2", "NOK2", "NPR2", "NZD2", "OMR3", "PAB2", "PEN2", "PGK2", "PHP2",
	"PKR2", "PLN2", "PYG0", "QAR2", "RON2", "RSD2", "RUB2", "RWF0", "SAR2", "SBD2", "SCR2",
	"SDG2", "SEK2", "SGD2", "SHP2", "SLE2", "SOS2", "SRD2", "SSP2", "STN2", "SVC2", "SYP2",
	"SZL2", "THB2", "TJS2", "TMT2", "TND3", "TOP2", "TRY2", "TTD2", "TWD2", "TZS2", "UAH2",
	"UGX0", "USD2", "USN2", "UYI0", "UYU2", "UYW4", "UZS2", "VED2", "VES2", "VND0", "VUV0",
	"WST2", "XAD2", "XAF0", "XCD2", "XCG2", "XOF0", "XPF0", "YER2", "ZAR2", "ZMW2", "ZWG2",
};
/* clang-format on */

static int
compare_codes(const void *code, const void *row)
{
	return memcmp(code, row, DIGITS_AT);
}

/* The row of TEXT, or NULL. */
static const char *
find_currency(const char *text)
{
	if (strlen(text) != DIGITS_AT)
		return NULL;
	return bsearch(
	    text, currencies, COUNT_OF(currencies), sizeof(currencies[0]), compare_codes);
}

bool
money_currency_known(const char *text)
{
	return find_currency(text) != NULL;
}

unsigned
money_currency_digits(const char *currency)
{
	const char *row = find_currency(currency);

	return row != NULL ? (unsigned)(row[DIGITS_AT] - '0') : 2;
}

bool
money_equal(const struct money *a, const struct money *b)
{
	return a->amount_minor == b->amount_minor && strcmp(a->currency, b->currency) == 0;
}

static enum err
money_of(int64_t amount_minor, const char currency[4], struct money *out)
{
	struct money money = {.amount_minor = amount_minor};

	if (amount_minor < 0 || amount_minor > MONEY_AMOUNT_MAX)
		return ERR_VALIDATION;
	memcpy(money.currency, currency, sizeof(money.currency));
	*out = money;
	return ERR_OK;
}

enum err
money_add(const struct money *a, const struct money *b, struct money *out)
{
	int64_t sum;

	if (strcmp(a->currency, b->currency) != 0)
		return ERR_VALIDATION;
	if (!num_add_i64(a->amount_minor, b->amount_minor, &sum))
		return ERR_VALIDATION;
	return money_of(sum, a->currency, out);
}

enum err
money_times(const struct money *unit, int64_t quantity, struct money *out)
{
	int64_t product;

	if (quantity < 0 || !num_mul_i64(unit->amount_minor, quantity, &product))
		return ERR_VALIDATION;
	return money_of(product, unit->currency, out);
}
