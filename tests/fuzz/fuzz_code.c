/* What a second factor's codes, the tokens beside them and a device's cookie are read from. */
#include "tests/fuzz/fuzz.h"

#include "fcgi/auth/device_cookie.h"
#include "fcgi/auth/link_token.h"
#include "fcgi/auth/recovery_code.h"
#include "fcgi/auth/seal.h"
#include "fcgi/auth/totp.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char secret[TOTP_SECRET_BYTES] = "12345678901234567890";
	static const struct device_owner owner = {.password_version = "1"};
	static struct derived_keys keys;
	struct arena *arena = fuzz_arena();
	const char *text = fuzz_text(arena, data, size);
	unsigned char plain[TOTP_SECRET_BYTES];
	const char *kept;

	if (keys.now.pepper_id[0] == '\0')
		derived_keys_init(&keys, "a pepper for fuzzing", "");
	if (totp_is_code(text))
		check(totp_find_step(secret, text, 59, 2) == TOTP_NO_STEP);
	check(recovery_code_kept(arena, text, &kept) != ERR_OK || !totp_is_code(text));
	check(!device_cookie_valid(&keys, arena, text, &owner, 0));
	check(seal_open(keys.now.sealing, arena, text, "", plain, sizeof(plain)) == ERR_CORRUPT);
	check(link_token_kept(arena, text, &kept) != ERR_MEMORY);
	return 0;
}
