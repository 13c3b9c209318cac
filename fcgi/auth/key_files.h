/*
 * auth/key_files: a folder's PEM files as keys, with the times that tell which may sign.
 *
 * Part of the keyring, one thread at a time.
 */
#ifndef FCGI_AUTH_KEY_FILES_H
#define FCGI_AUTH_KEY_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/err.h"
#include "shared/edge/jwt_keys.h"

#define KEY_FILES_MAX      JWT_KEYS_MAX
#define KEY_FILE_NAME_SIZE 256

struct key_file {
	char name[KEY_FILE_NAME_SIZE];
	int64_t modified_ns;
	int64_t size;
	uint64_t inode;
	char key_id[JWT_KEY_ID_SIZE]; /* "" when the file holds no key */
	int64_t published_ms;         /* wall clock */
};

struct key_files { /* oldest first: by time, then by name */
	struct key_file files[KEY_FILES_MAX];
	size_t count;
};

/* Lists *.pem in DIR, without reading them.  ERR_UNAVAILABLE: it can't be read; ERR_CONFIG: more
 * than KEY_FILES_MAX. */
MUST_USE enum err key_files_list(const char *dir, struct key_files *out);
/* Are these the same files, unchanged? */
bool key_files_same(const struct key_files *a, const struct key_files *b);
/*
 * Reads the keys of FILES and adds them to SET.  What OLD knows of a key's publication is taken
 * over; a new key's begins now, or when its file was made.  Bad files are logged; *BAD counts them.
 */
MUST_USE enum err key_files_read(const char *dir, struct key_files *files,
    const struct key_files *old, int64_t now_ms, struct jwt_key_set *set, size_t *bad);
/* The kid of the key to sign with at NOW_MS; NULL when there is none. */
const char *key_files_signer(const struct key_files *files, int64_t now_ms, int64_t delay_ms);

#endif
