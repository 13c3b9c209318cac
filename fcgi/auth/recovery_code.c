#include "fcgi/auth/recovery_code.h"

#include <openssl/sha.h>
#include <string.h>

#include "fcgi/auth/totp.h"
#include "shared/base/check.h"
#include "shared/base/id.h"
#include "shared/base/str.h"

#define CODE_BYTES 15
#define CODE_CHARS 24
#define GROUP      6

/* Of a code in capitals, without groups. */
static enum err
hash_code(struct arena *arena, const char code[CODE_CHARS], const char **out)
{
	unsigned char digest[SHA256_DIGEST_LENGTH];

	(void)SHA256((const unsigned char *)code, CODE_CHARS, digest);
	TRY_ALLOC(*out = base64url_encode(arena, digest, sizeof(digest)));
	return ERR_OK;
}

/* In small letters, with groups. */
static const char *
show_code(struct arena *arena, const char code[CODE_CHARS])
{
	char shown[CODE_CHARS + CODE_CHARS / GROUP];
	size_t len = 0;

	for (size_t i = 0; i < CODE_CHARS; i++) {
		if (i > 0 && i % GROUP == 0)
			shown[len++] = '-';
		shown[len++] =
		    (char)(code[i] >= 'A' && code[i] <= 'Z' ? code[i] - 'A' + 'a' : code[i]);
	}
	return arena_memdup(arena, shown, len);
}

enum err
recovery_codes_new(struct arena *arena, struct recovery_codes *out)
{
	struct recovery_codes codes = {.kept = ""};

	for (size_t i = 0; i < RECOVERY_CODES; i++) {
		unsigned char bytes[CODE_BYTES];
		const char *kept;
		char *code;

		random_bytes(bytes, sizeof(bytes));
		TRY(totp_base32(arena, bytes, sizeof(bytes), &code));
		bytes_wipe(bytes, sizeof(bytes));
		check(strlen(code) == CODE_CHARS);
		TRY_ALLOC(codes.texts[i] = show_code(arena, code));
		TRY(hash_code(arena, code, &kept));
		TRY_ALLOC(codes.kept =
			      arena_printf(arena, "%s%c%s", codes.kept, i == 0 ? '{' : ',', kept));
	}
	TRY_ALLOC(codes.kept = arena_printf(arena, "%s}", codes.kept));
	*out = codes;
	return ERR_OK;
}

enum err
recovery_code_kept(struct arena *arena, const char *text, const char **kept)
{
	char code[CODE_CHARS];
	size_t len = 0;

	for (; *text != '\0'; text++) {
		char c = (char)(*text >= 'a' && *text <= 'z' ? *text - 'a' + 'A' : *text);

		if (c == '-' || c == ' ')
			continue;
		if (len == CODE_CHARS || !((c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7')))
			return ERR_WRONG_CODE;
		code[len++] = c;
	}
	if (len != CODE_CHARS)
		return ERR_WRONG_CODE;
	return hash_code(arena, code, kept);
}
