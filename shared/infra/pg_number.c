#include "shared/infra/pg_number.h"

#include <inttypes.h>
#include <stdio.h>

const char *
pg_number_text(int64_t number, char out[PG_NUMBER_SIZE])
{
	(void)snprintf(out, PG_NUMBER_SIZE, "%" PRId64, number);
	return out;
}
