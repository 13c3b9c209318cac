#include "fcgi/items/order_number.h"

#include <openssl/hmac.h>

#include "shared/base/check.h"

#define HALF_BITS 20
#define HALF_MASK ((UINT32_C(1) << HALF_BITS) - 1)
#define ROUNDS    10 /* as FFX (NIST SP 800-38G) has for a domain this small */

static uint32_t
mix(const uint8_t key[ORDER_NUMBER_KEY_BYTES], uint8_t round, uint32_t half)
{
	const uint8_t input[] = {round, (uint8_t)(half >> 16), (uint8_t)(half >> 8), (uint8_t)half};
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	check(HMAC(EVP_sha256(), key, ORDER_NUMBER_KEY_BYTES, input, sizeof(input), digest, &len) !=
		NULL &&
	    len >= 3);
	return ((uint32_t)digest[0] << 16 | (uint32_t)digest[1] << 8 | digest[2]) & HALF_MASK;
}

/* A Feistel network: whatever mix() does, each place has its own number. */
static uint64_t
shuffle(const uint8_t key[ORDER_NUMBER_KEY_BYTES], uint64_t place)
{
	uint32_t left = (uint32_t)(place >> HALF_BITS) & HALF_MASK;
	uint32_t right = (uint32_t)place & HALF_MASK;

	for (uint8_t round = 0; round < ROUNDS; round++) {
		const uint32_t next = left ^ mix(key, round, right);

		left = right;
		right = next;
	}
	return (uint64_t)left << HALF_BITS | right;
}

void
order_number_make(
    const uint8_t key[ORDER_NUMBER_KEY_BYTES], int64_t place, char out[ORDER_NUMBER_SIZE])
{
	static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
	uint64_t number;

	_Static_assert(sizeof(alphabet) - 1 == 32, "eight letters of five bits");
	check(place >= 0 && place < ORDER_NUMBER_COUNT);
	number = shuffle(key, (uint64_t)place);
	for (int i = ORDER_NUMBER_SIZE - 2; i >= 0; i--) {
		if (i == 4) {
			out[i] = '-';
			continue;
		}
		out[i] = alphabet[number & 31];
		number >>= 5;
	}
	out[ORDER_NUMBER_SIZE - 1] = '\0';
}
