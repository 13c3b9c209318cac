#include "fcgi/auth/key_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "shared/base/cleanup.h"
#include "shared/base/log.h"
#include "shared/base/str.h"

#define KEY_BYTES_MAX ((size_t)16 * 1024)
#define SUFFIX        ".pem"

static void
close_dir(DIR **dir)
{
	if (*dir != NULL)
		(void)closedir(*dir);
}

static bool
is_key_name(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > strlen(SUFFIX) && len < KEY_FILE_NAME_SIZE &&
	    str_equal(name + len - strlen(SUFFIX), SUFFIX);
}

static int
by_age(const void *a, const void *b)
{
	const struct key_file *left = a;
	const struct key_file *right = b;

	if (left->modified_ns != right->modified_ns)
		return left->modified_ns < right->modified_ns ? -1 : 1;
	return strcmp(left->name, right->name);
}

enum err
key_files_list(const char *path, struct key_files *out)
{
	DIR *dir AUTO_OF(close_dir) = opendir(path);
	const struct dirent *entry;

	out->count = 0;
	if (dir == NULL)
		return ERR_UNAVAILABLE;
	for (errno = 0; (entry = readdir(dir)) != NULL; errno = 0) {
		struct key_file *file = &out->files[out->count];
		struct stat about;

		if (!is_key_name(entry->d_name))
			continue;
		/* A file that has just gone, or a folder, is no key. */
		if (fstatat(dirfd(dir), entry->d_name, &about, 0) != 0 || !S_ISREG(about.st_mode))
			continue;
		if (out->count == KEY_FILES_MAX)
			return ERR_CONFIG;
		*file = (struct key_file){
		    .modified_ns = about.st_mtim.tv_sec * 1000000000 + about.st_mtim.tv_nsec,
		    .size = about.st_size,
		    .inode = about.st_ino,
		};
		memcpy(file->name, entry->d_name, strlen(entry->d_name) + 1);
		out->count++;
	}
	if (errno != 0)
		return ERR_UNAVAILABLE;
	qsort(out->files, out->count, sizeof(out->files[0]), by_age);
	return ERR_OK;
}

bool
key_files_same(const struct key_files *a, const struct key_files *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct key_file *left = &a->files[i];
		const struct key_file *right = &b->files[i];

		if (left->modified_ns != right->modified_ns || left->size != right->size ||
		    left->inode != right->inode || !str_equal(left->name, right->name))
			return false;
	}
	return true;
}

static enum err
read_key(const char *dir, const char *name, struct jwt_key **out)
{
	auto_free char *path = NULL;
	auto_close int fd = -1;
	char pem[KEY_BYTES_MAX];
	size_t len = 0;
	ssize_t got;
	enum err err;

	if (asprintf(&path, "%s/%s", dir, name) < 0) {
		path = NULL;
		return ERR_MEMORY;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ERR_UNAVAILABLE;
	while ((got = read(fd, pem + len, sizeof(pem) - len)) > 0)
		len += (size_t)got;
	err = got < 0 ? ERR_UNAVAILABLE : jwt_key_from_pem(span_of(pem, len), out);
	bytes_wipe(pem, len);
	return err;
}

static int64_t
published_since(const struct key_file *file, const struct key_files *old, int64_t now_ms)
{
	int64_t made_ms = file->modified_ns / 1000000;

	for (size_t i = 0; i < old->count; i++)
		if (str_equal(old->files[i].key_id, file->key_id))
			return old->files[i].published_ms;
	return made_ms < now_ms ? made_ms : now_ms;
}

enum err
key_files_read(const char *dir, struct key_files *files, const struct key_files *old,
    int64_t now_ms, struct jwt_key_set *set, size_t *bad)
{
	*bad = 0;
	for (size_t i = 0; i < files->count; i++) {
		struct key_file *file = &files->files[i];
		struct jwt_key *key = NULL;
		enum err err = read_key(dir, file->name, &key);

		if (err != ERR_OK) {
			log_error("a key file can't be used", LOG_TEXT("file", file->name),
			    LOG_TEXT("reason",
				err == ERR_CONFIG ? "it is no P-256 private key in PEM"
						  : "it can't be read"));
			++*bad;
			continue;
		}
		(void)snprintf(file->key_id, sizeof(file->key_id), "%s", jwt_key_id(key));
		file->published_ms = published_since(file, old, now_ms);
		TRY(jwt_key_set_add(set, &key));
	}
	return ERR_OK;
}

const char *
key_files_signer(const struct key_files *files, int64_t now_ms, int64_t delay_ms)
{
	const struct key_file *oldest = NULL;

	for (size_t i = files->count; i-- > 0;) {
		const struct key_file *file = &files->files[i];

		if (file->key_id[0] == '\0')
			continue;
		if (now_ms - file->published_ms >= delay_ms)
			return file->key_id;
		if (oldest == NULL || file->published_ms <= oldest->published_ms)
			oldest = file;
	}
	return oldest != NULL ? oldest->key_id : NULL;
}
