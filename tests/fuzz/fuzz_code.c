/* What a person or a program gives to prove itself: a code, a recovery code, the token of a link or
 * of half a sign-in, a device's cookie. */
#include "tests/fuzz/fuzz.h"

#include "fcgi/auth/device_cookie.h"
#include "fcgi/auth/link_token.h"
#include "fcgi/auth/recovery_code.h"
#include "fcgi/auth/totp.h"

#define NOW_S INT64_C(1800000000)

static void
try_code(const char *text)
{
	static const unsigned char secret[TOTP_SECRET_BYTES] = "12345678901234567890";
	int64_t step;

	if (!totp_is_code(text))
		return;
	check(strlen(text) == TOTP_DIGITS);
	step = totp_find_step(secret, text, NOW_S, 0);
	check(step == TOTP_NO_STEP || llabs(step - NOW_S / TOTP_STEP_S) <= 1);
}

static void
try_cookie(struct arena *arena, const char *text)
{
	static const struct device_owner owner = {
	    .user_id = {"01900000-0000-7000-8000-000000000001"},
	    .password_version = "1",
	};
	struct derived_keys keys;

	derived_keys_init(&keys, "a pepper of some length", "");
	check(!device_cookie_valid(&keys, arena, text, &owner, NOW_S * 1000));
	derived_keys_fini(&keys);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = fuzz_arena();
	const char *text = fuzz_text(arena, data, size);
	const char *kept;

	check(totp_init() == ERR_OK);
	try_code(text);
	try_cookie(arena, text);
	if (recovery_code_kept(arena, text, &kept) == ERR_OK)
		check(kept != NULL && *kept != '\0');
	if (link_token_kept(arena, text, &kept) == ERR_OK)
		check(kept != NULL && *kept != '\0');
	return 0;
}
