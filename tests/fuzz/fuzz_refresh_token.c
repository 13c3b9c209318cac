/* A refresh token: what is read as one is written the same again. */
#include "tests/fuzz/fuzz.h"

#include "fcgi/auth/refresh_token.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char key[REFRESH_KEY_BYTES];
	struct arena *arena = fuzz_arena();
	const char *text = fuzz_text(arena, data, size);
	struct refresh_token token;

	if (refresh_token_parse(arena, text, &token) != ERR_OK)
		return 0;
	check(str_equal(refresh_token_text(arena, &token), text));
	check(!refresh_token_is_ours(&token, key));
	check(refresh_token_hash(arena, &token) != NULL);
	return 0;
}
