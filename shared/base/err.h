/*
 * base/err: the one enum of everything that can go wrong, from one table.
 *
 * Layer: base.  Every fallible function of the project returns an enum err; what a client may know
 * besides travels in a struct fault (fault.h).  A row names the value, the HTTP status it becomes
 * at the edge, the stable problem code (RFC 9457 `type` is /problems/<code>), the title, and the
 * sentence that tells what to do when nobody knew a better one.
 * Values that clients never cause share the code `internal` or `unavailable`: they differ for logs.
 */
#ifndef SHARED_BASE_ERR_H
#define SHARED_BASE_ERR_H

/* What rows with one code say alike. */
#define ERR_SAYS_INTERNAL "The fault is ours; whether the request had its effect is not known."
#define ERR_SAYS_AGAIN    "Try again after the seconds in Retry-After."

/* X(value, status, problem code, title, detail) */
#define ERR_TABLE(X)                                                                               \
	X(ERR_OK, 200, "ok", "OK", "")                                                             \
	/* 400: the request can't be understood. */                                                \
	X(ERR_MALFORMED, 400, "malformed_request", "The request is malformed",                     \
	    "The request could not be understood; correct it before it is sent again.")            \
	X(ERR_TOKEN_SPENT, 400, "invalid_or_expired_token", "The token is invalid or has expired", \
	    "The token was used before, has expired or is none of ours; ask for a new email.")     \
	/* 401: who is asking? */                                                                  \
	X(ERR_TOKEN_MISSING, 401, "missing_token", "A bearer token is required",                   \
	    "Send Authorization: Bearer with an access token from POST /auth/login.")              \
	X(ERR_TOKEN_INVALID, 401, "invalid_token", "The token is invalid, expired or revoked",     \
	    "Get a new token from POST /auth/refresh, or sign in again.")                          \
	X(ERR_CREDENTIALS, 401, "invalid_credentials", "The credentials are wrong",                \
	    "The email or the password is wrong; whether there is such an account is not told.")   \
	X(ERR_REFRESH_REUSED, 401, "refresh_reused", "The refresh token was used before",          \
	    "Someone else may hold a copy, so its sessions were ended; sign in again.")            \
	X(ERR_MFA_REQUIRED, 401, "mfa_required", "A second factor is required",                    \
	    "Finish at POST /auth/mfa/login with this mfa_token and a code.")                      \
	/* 403: known, and not allowed. */                                                         \
	X(ERR_FORBIDDEN, 403, "forbidden", "Not allowed", "This account may not do this.")         \
	X(ERR_WRONG_PASSWORD, 403, "wrong_password", "The password is wrong",                      \
	    "The password that is to confirm this step is wrong.")                                 \
	X(ERR_WRONG_CODE, 403, "wrong_code", "The code is wrong",                                  \
	    "The code is wrong or was used before; wait for the next one.")                        \
	X(ERR_EMAIL_UNVERIFIED, 403, "email_not_verified", "The email address is not verified",    \
	    "Follow the link in the welcome email; POST /auth/email/resend sends it again.")       \
	/* 404, 405 */                                                                             \
	X(ERR_NOT_FOUND, 404, "not_found", "Not found",                                            \
	    "There is nothing at this address, or nothing that this account may see.")             \
	X(ERR_METHOD, 405, "method_not_allowed", "The method is not allowed here",                 \
	    "The header Allow lists the methods of this address.")                                 \
	/* 409: well-formed, and against the state of things. */                                   \
	X(ERR_EMAIL_TAKEN, 409, "email_taken", "The email address has an account",                 \
	    "Sign in, or ask for a password reset.")                                               \
	X(ERR_STOCK, 409, "insufficient_stock", "Not enough stock",                                \
	    "There are fewer than asked for; available says how many.")                            \
	X(ERR_PRICE_CHANGED, 409, "price_changed", "The price has changed",                        \
	    "It is not the expected one; price tells the present one.")                            \
	X(ERR_TRANSITION, 409, "invalid_transition", "The order is not in a state for this",       \
	    "Read the order again, then decide.")                                                  \
	X(ERR_IDEMPOTENCY_RUNNING, 409, "idempotency_in_progress",                                 \
	    "A request with this Idempotency-Key is still running",                                \
	    "Repeat this one a little later to get its answer.")                                   \
	X(ERR_CONFLICT, 409, "conflict", "The request conflicts with another one",                 \
	    "Another request changed the same thing; read it again, then decide.")                 \
	/* preconditions, sizes, types */                                                          \
	X(ERR_PRECONDITION, 412, "precondition_failed", "The resource has changed",                \
	    "Read it again, then repeat with its new ETag in If-Match.")                           \
	X(ERR_BODY_TOO_LARGE, 413, "body_too_large", "The request body is too large",              \
	    "Send less: 1 MiB of JSON at most, 5 MiB of an image.")                                \
	X(ERR_URI_TOO_LONG, 414, "uri_too_long", "The request address is too long",                \
	    "Send a shorter path or query.")                                                       \
	X(ERR_MEDIA_TYPE, 415, "unsupported_media_type", "The media type is not supported",        \
	    "Send a Content-Type that this operation accepts.")                                    \
	X(ERR_RANGE, 416, "range_not_satisfiable", "The range can't be satisfied",                 \
	    "The header Content-Range tells the resource's length.")                               \
	X(ERR_VALIDATION, 422, "validation_failed", "The request has faults",                      \
	    "Each member of errors tells a place and what is wrong there.")                        \
	X(ERR_IDEMPOTENCY_REUSED, 422, "idempotency_key_reused",                                   \
	    "The Idempotency-Key was used for another request",                                    \
	    "Take a new key for each new request.")                                                \
	X(ERR_PRECONDITION_REQUIRED, 428, "precondition_required", "If-Match is required",         \
	    "Send If-Match with the ETag that was read, so that no other change is overwritten.")  \
	/* 429: later, please. */                                                                  \
	X(ERR_RATE_LIMITED, 429, "rate_limited", "Too many requests",                              \
	    "Wait for the seconds in Retry-After.")                                                \
	X(ERR_ACCOUNT_LOCKED, 429, "account_locked", "Too many failed sign-ins",                   \
	    "Wait for the seconds in Retry-After.")                                                \
	X(ERR_HEADERS_TOO_LARGE, 431, "headers_too_large", "The request headers are too large",    \
	    "Send fewer or shorter headers: 16 KiB at most.")                                      \
	/* 500: our fault.  The log says which. */                                                 \
	X(ERR_INTERNAL, 500, "internal", "Internal error", ERR_SAYS_INTERNAL)                      \
	/* An arena's or a buffer's cap, or malloc. */                                             \
	X(ERR_MEMORY, 500, "internal", "Internal error", ERR_SAYS_INTERNAL)                        \
	/* A store holds what it never should. */                                                  \
	X(ERR_CORRUPT, 500, "internal", "Internal error", ERR_SAYS_INTERNAL)                       \
	/* Start-up only. */                                                                       \
	X(ERR_CONFIG, 500, "internal", "Internal error", ERR_SAYS_INTERNAL)                        \
	/* 503: a store, the broker or a worker is away or slow; the client may try again. */      \
	X(ERR_UNAVAILABLE, 503, "unavailable", "Temporarily unavailable", ERR_SAYS_AGAIN)          \
	X(ERR_DEADLINE, 503, "unavailable", "Temporarily unavailable", ERR_SAYS_AGAIN)             \
	X(ERR_BUSY, 503, "unavailable", "Temporarily unavailable", ERR_SAYS_AGAIN)                 \
	X(ERR_GATEWAY_TIMEOUT, 504, "timeout", "The service did not answer in time",               \
	    "Whether the request had its effect is not known; look before you repeat it.")

enum err {
#define ERR_ENUM(value, status, code, title, detail) value,
	ERR_TABLE(ERR_ENUM)
#undef ERR_ENUM
	    ERR_COUNT
};

/* The row's parts; each returns a static string or a number and is safe on any thread. */
int err_status(enum err err);
const char *err_code(enum err err);
const char *err_title(enum err err);
const char *err_detail(enum err err);
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
