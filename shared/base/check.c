#include "shared/base/check.h"

#include <stdio.h>
#include <stdlib.h>

void
check_failed(const char *what, const char *file, int line)
{
	(void)fprintf(stderr, "%s:%d: check failed: %s\n", file, line, what);
	abort();
}
