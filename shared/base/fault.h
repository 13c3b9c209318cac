/*
 * base/fault: what a client is told beside the error's code.
 *
 * Layer: base.  One struct fault travels with a request (or a command); whoever refuses fills it,
 * edge/problem writes it.  All strings live in the fault's arena.  Filling never fails: at the
 * arena's end the detail is dropped and the error itself still stands.  One thread at a time.
 */
#ifndef SHARED_BASE_FAULT_H
#define SHARED_BASE_FAULT_H

#include <stddef.h>
#include <stdint.h>

#include "shared/base/arena.h"
#include "shared/base/err.h"
#include "shared/base/money.h"

/* Codes of one field's fault: the contract's closed list. */
#define FIELD_TABLE(X)                                                                             \
	X(FIELD_REQUIRED, "required")                                                              \
	X(FIELD_UNKNOWN, "unknown_field")                                                          \
	X(FIELD_WRONG_TYPE, "wrong_type")                                                          \
	X(FIELD_TOO_SHORT, "too_short")                                                            \
	X(FIELD_TOO_LONG, "too_long")                                                              \
	X(FIELD_OUT_OF_RANGE, "out_of_range")                                                      \
	X(FIELD_BAD_FORMAT, "bad_format")                                                          \
	X(FIELD_NOT_ALLOWED, "not_allowed")                                                        \
	X(FIELD_DUPLICATE, "duplicate")                                                            \
	X(FIELD_PASSWORD_COMMON, "password_too_common")

enum field_code {
#define FIELD_ENUM(value, code) value,
	FIELD_TABLE(FIELD_ENUM)
#undef FIELD_ENUM
	    FIELD_COUNT
};

enum field_place { FIELD_IN_BODY, FIELD_IN_QUERY };

struct field_fault {
	enum field_place place; /* `pointer` (RFC 6901) or `parameter` */
	const char *where;      /* "/price/amount", or the parameter's name */
	enum field_code code;
	const char *detail;
	struct field_fault *next;
};

/* Extension members of a problem, each present once its flag is set. */
struct fault {
	struct arena *arena;
	const char *detail;        /* one sentence for a person; NULL: the error's own */
	struct field_fault *first; /* in the order found; at most FAULT_FIELDS_MAX */
	struct field_fault *last;
	size_t field_count;     /* found, listed or not */
	unsigned retry_after_s; /* 0: none */
	bool has_available;
	int64_t available; /* stock left, with ERR_STOCK */
	bool has_price;
	struct money price;  /* the new price, with ERR_PRICE_CHANGED */
	const char *item_id; /* the line of ERR_STOCK, ERR_PRICE_CHANGED, ERR_NOT_FOUND in orders */
	const char *mfa_token;     /* with ERR_MFA_REQUIRED */
	const char *allow;         /* the Allow header, with ERR_METHOD */
	const char *content_range; /* the header, with ERR_RANGE */
};

#define FAULT_FIELDS_MAX 100

void fault_init(struct fault *fault, struct arena *arena);
const char *field_code_text(enum field_code code);

/* Sets the sentence and returns ERR, so that a refusal reads: return fault_set(f, ERR_X, "..."). */
enum err fault_set(struct fault *fault, enum err err, const char *format, ...) PRINTF_LIKE(3, 4);
/* Adds a field's fault.  Returns ERR_VALIDATION. */
enum err fault_field(struct fault *fault, enum field_place place, const char *where,
    enum field_code code, const char *format, ...) PRINTF_LIKE(5, 6);
/* ERR_VALIDATION when any field was at fault, else ERR_OK. */
MUST_USE enum err fault_check_fields(const struct fault *fault);

#endif
