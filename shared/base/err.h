/*
 * base/err: the one enum of everything that can go wrong, from one table.
 *
 * Layer: base.  Every fallible function of the project returns an enum err; what a client may know
 * besides travels in a struct fault (fault.h).  A row names the value, the HTTP status it becomes
 * at the edge, the stable problem code (RFC 9457 `type` is /problems/<code>) and the title.
 * Values that clients never cause share the code `internal` or `unavailable`: they differ for logs.
 */
#ifndef SHARED_BASE_ERR_H
#define SHARED_BASE_ERR_H

/* X(value, status, problem code, title) */
#define ERR_TABLE(X)                                                                               \
	X(ERR_OK, 200, "ok", "OK")                                                                 \
	/* 400: the request can't be understood. */                                                \
	X(ERR_MALFORMED, 400, "malformed_request", "The request is malformed")                     \
	X(ERR_TOKEN_SPENT, 400, "invalid_or_expired_token", "The token is invalid or has expired") \
	/* 401: who is asking? */                                                                  \
	X(ERR_TOKEN_MISSING, 401, "missing_token", "A bearer token is required")                   \
	X(ERR_TOKEN_INVALID, 401, "invalid_token", "The token is invalid, expired or revoked")     \
	X(ERR_CREDENTIALS, 401, "invalid_credentials", "The credentials are wrong")                \
	X(ERR_REFRESH_REUSED, 401, "refresh_reused", "The refresh token was used before")          \
	X(ERR_MFA_REQUIRED, 401, "mfa_required", "A second factor is required")                    \
	/* 403: known, and not allowed. */                                                         \
	X(ERR_FORBIDDEN, 403, "forbidden", "Not allowed")                                          \
	X(ERR_WRONG_PASSWORD, 403, "wrong_password", "The password is wrong")                      \
	X(ERR_WRONG_CODE, 403, "wrong_code", "The code is wrong")                                  \
	X(ERR_EMAIL_UNVERIFIED, 403, "email_not_verified", "The email address is not verified")    \
	/* 404, 405 */                                                                             \
	X(ERR_NOT_FOUND, 404, "not_found", "Not found")                                            \
	X(ERR_METHOD, 405, "method_not_allowed", "The method is not allowed here")                 \
	/* 409: well-formed, and against the state of things. */                                   \
	X(ERR_EMAIL_TAKEN, 409, "email_taken", "The email address has an account")                 \
	X(ERR_STOCK, 409, "insufficient_stock", "Not enough stock")                                \
	X(ERR_PRICE_CHANGED, 409, "price_changed", "The price has changed")                        \
	X(ERR_TRANSITION, 409, "invalid_transition", "The order is not in a state for this")       \
	X(ERR_IDEMPOTENCY_RUNNING, 409, "idempotency_in_progress",                                 \
	    "A request with this Idempotency-Key is still running")                                \
	X(ERR_CONFLICT, 409, "conflict", "The request conflicts with another one")                 \
	/* preconditions, sizes, types */                                                          \
	X(ERR_PRECONDITION, 412, "precondition_failed", "The resource has changed")                \
	X(ERR_BODY_TOO_LARGE, 413, "body_too_large", "The request body is too large")              \
	X(ERR_URI_TOO_LONG, 414, "uri_too_long", "The request address is too long")                \
	X(ERR_MEDIA_TYPE, 415, "unsupported_media_type", "The media type is not supported")        \
	X(ERR_RANGE, 416, "range_not_satisfiable", "The range can't be satisfied")                 \
	X(ERR_VALIDATION, 422, "validation_failed", "The request has faults")                      \
	X(ERR_IDEMPOTENCY_REUSED, 422, "idempotency_key_reused",                                   \
	    "The Idempotency-Key was used for another request")                                    \
	X(ERR_PRECONDITION_REQUIRED, 428, "precondition_required", "If-Match is required")         \
	/* 429: later, please. */                                                                  \
	X(ERR_RATE_LIMITED, 429, "rate_limited", "Too many requests")                              \
	X(ERR_ACCOUNT_LOCKED, 429, "account_locked", "Too many failed sign-ins")                   \
	X(ERR_HEADERS_TOO_LARGE, 431, "headers_too_large", "The request headers are too large")    \
	/* 500: our fault.  The log says which. */                                                 \
	X(ERR_INTERNAL, 500, "internal", "Internal error")                                         \
	X(ERR_MEMORY, 500, "internal", "Internal error")  /* arena or buffer cap, or malloc */     \
	X(ERR_CORRUPT, 500, "internal", "Internal error") /* a store holds what it never should */ \
	X(ERR_CONFIG, 500, "internal", "Internal error")  /* start-up only */                      \
	/* 503: a store, the broker or a worker is away or slow; the client may try again. */      \
	X(ERR_UNAVAILABLE, 503, "unavailable", "Temporarily unavailable")                          \
	X(ERR_DEADLINE, 503, "unavailable", "Temporarily unavailable")                             \
	X(ERR_BUSY, 503, "unavailable", "Temporarily unavailable")                                 \
	X(ERR_GATEWAY_TIMEOUT, 504, "timeout", "The service did not answer in time")

enum err {
#define ERR_ENUM(value, status, code, title) value,
	ERR_TABLE(ERR_ENUM)
#undef ERR_ENUM
	    ERR_COUNT
};

/* The row's parts; each returns a static string or a number and is safe on any thread. */
int err_status(enum err err);
const char *err_code(enum err err);
const char *err_title(enum err err);
/* The name of the value itself ("ERR_STOCK"): for logs. */
const char *err_name(enum err err);

#define MUST_USE                         __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_at, first_at) __attribute__((format(printf, format_at, first_at)))

/* Returns the error of EXPR from the enclosing function.  Only where all that is owned is
 * auto_*. */
#define TRY(expr)                                                                                  \
	do {                                                                                       \
		enum err try_err_ = (expr);                                                        \
		if (try_err_ != ERR_OK)                                                            \
			return try_err_;                                                           \
	} while (0)

/* The same for a pointer that is NULL when an arena or the heap is at its end. */
#define TRY_ALLOC(pointer)                                                                         \
	do {                                                                                       \
		if ((pointer) == NULL)                                                             \
			return ERR_MEMORY;                                                         \
	} while (0)

#endif
