/*
 * base/cleanup: owners that release when their scope ends.
 *
 * `auto_free char *p = NULL;` frees at every return.  Each module that owns something defines its
 * own `auto_<what>` with AUTO_OF(); teardown functions take a pointer to the owner, accept NULL
 * inside, null it, and so may run twice.
 */
#ifndef SHARED_BASE_CLEANUP_H
#define SHARED_BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

#define AUTO_OF(teardown) __attribute__((cleanup(teardown)))

static inline void
cleanup_free(void *owner)
{
	void **pointer = owner;

	free(*pointer);
	*pointer = NULL;
}

static inline void
cleanup_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

#define auto_free  AUTO_OF(cleanup_free)
#define auto_close AUTO_OF(cleanup_close)

#endif
