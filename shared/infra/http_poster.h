/*
 * infra/http_poster: POSTs to addresses that other people chose, many at once, through libcurl.
 *
 * Layer: infra.  One poster belongs to one thread; connections are reused.  A slow server delays
 * nobody else.  Redirects are not followed, proxies of the environment are not used, certificates
 * are verified.  The very address that is connected to is checked by address_policy: whatever a
 * name resolved to when it was last looked at does not count.
 */
#ifndef SHARED_INFRA_HTTP_POSTER_H
#define SHARED_INFRA_HTTP_POSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/clock.h"
#include "shared/base/err.h"
#include "shared/base/str.h"

struct http_poster;

struct http_poster_rules {  /* copied */
	bool allow_http;    /* else https alone */
	bool allow_private; /* else addresses of the public Internet alone */
	int64_t timeout_ms; /* for a whole exchange */
	size_t transfers_max;
	const char *user_agent; /* borrowed */
};

MUST_USE enum err http_poster_new(
    const struct http_poster_rules *rules, const struct clock *clock, struct http_poster **out);
/* What is under way is broken off. */
void http_poster_free(struct http_poster **poster);

#define HTTP_POST_HEADERS_MAX 8

struct http_post {
	const char *url;
	const char
	    *headers[HTTP_POST_HEADERS_MAX]; /* whole lines, ended by NULL unless all are used */
	struct span body;                    /* borrowed until the answer is taken */
	void *context;
};

/* Begins one.  ERR_BUSY: transfers_max are under way; ERR_MALFORMED: a header that would end before
 * its end; ERR_MEMORY.  A bad URL is an answer. */
MUST_USE enum err http_poster_begin(struct http_poster *poster, const struct http_post *post);
size_t http_poster_count(const struct http_poster *poster);

/* Does what there is to do; waits up to MS for more, or until WAKE_FD (-1: none) is readable. */
void http_poster_wait(struct http_poster *poster, int64_t ms, int wake_fd);

#define HTTP_POSTED_RESPONSE_MAX 1024
#define HTTP_POSTED_ERROR_SIZE   256

struct http_posted {
	void *context;
	int status;                         /* 0: no answer */
	char error[HTTP_POSTED_ERROR_SIZE]; /* why there is none, else "" */
	int64_t retry_after_s;              /* 0: not said */
	int64_t duration_ms;
	size_t response_len;
	char response[HTTP_POSTED_RESPONSE_MAX]; /* the body's first bytes, whatever they are */
};

/* The next of those that have ended, answered or not.  ERR_NOT_FOUND: none now. */
MUST_USE enum err http_poster_next(struct http_poster *poster, struct http_posted *out);
/* Breaks off one that is under way; it ends so: "interrupted". */
MUST_USE enum err http_poster_interrupt(struct http_poster *poster, struct http_posted *out);

#define auto_http_poster AUTO_OF(http_poster_free)

#endif
