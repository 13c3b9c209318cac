#include "shared/base/config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "shared/base/buf.h"
#include "shared/base/check.h"
#include "shared/base/num.h"
#include "shared/base/str.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#else
#define __lsan_ignore_object(object) ((void)(object))
#endif

#define SECRET_BYTES_MAX ((size_t)64 * 1024)

/* Where a row's value goes, and where its faults are told. */
struct target {
	const struct config_row *row;
	void *settings;
	FILE *errors;
};

static enum err refuse(const struct target *target, const char *format, ...) PRINTF_LIKE(2, 3);

static enum err
refuse(const struct target *target, const char *format, ...)
{
	va_list args;

	(void)fprintf(target->errors, "%s: ", target->row->name);
	va_start(args, format);
	(void)vfprintf(target->errors, format, args);
	va_end(args);
	(void)fputc('\n', target->errors);
	return ERR_CONFIG;
}

/* The rows say of which type the field is, so it is written as bytes. */
static void
store(const struct target *target, const void *value, size_t size)
{
	memcpy((char *)target->settings + target->row->offset, value, size);
}

/* Stores a copy of LEN bytes that lives until the process ends. */
static enum err
store_text(const struct target *target, const char *text, size_t len)
{
	char *copy = strndup(text, len);

	if (copy == NULL)
		return refuse(target, "out of memory");
	__lsan_ignore_object(copy);
	store(target, &copy, sizeof(copy));
	return ERR_OK;
}

static enum err
load_int(const struct target *target, const char *value)
{
	const struct config_row *row = target->row;
	int64_t number;

	if (num_parse_i64(value, row->min, row->max, &number) != ERR_OK)
		return refuse(target, "must be a whole number from %" PRId64 " to %" PRId64 "%s%s",
		    row->min, row->max, row->unit != NULL ? " " : "",
		    row->unit != NULL ? row->unit : "");
	store(target, &number, sizeof(number));
	return ERR_OK;
}

static enum err
load_bool(const struct target *target, const char *value)
{
	bool is_true = str_equal(value, "true");

	if (!is_true && !str_equal(value, "false"))
		return refuse(target, "must be true or false");
	store(target, &is_true, sizeof(is_true));
	return ERR_OK;
}

static enum err
load_text(const struct target *target, const char *value)
{
	const struct config_row *row = target->row;
	size_t len = strlen(value);

	if (row->min > 0 && len < (size_t)row->min)
		return refuse(target, "must have at least %" PRId64 " bytes", row->min);
	if (row->max > 0 && len > (size_t)row->max)
		return refuse(target, "must have at most %" PRId64 " bytes", row->max);
	return store_text(target, value, len);
}

static enum err
load_url(const struct target *target, const char *value)
{
	static const char wrong[] = "must be an address that begins with http:// or https://";
	size_t scheme = str_starts_with(value, "http://") ? 7
	    : str_starts_with(value, "https://")          ? 8
							  : 0;
	size_t len = strlen(value);

	if (len == 0) /* a row's own default: there is none */
		return store_text(target, value, 0);
	if (scheme == 0 || value[scheme] == '\0' || strchr("/?#:@", value[scheme]) != NULL)
		return refuse(target, "%s", wrong);
	for (size_t i = 0; i < len; i++)
		if (value[i] <= ' ' || value[i] > '~')
			return refuse(target, "%s", wrong);
	while (value[len - 1] == '/')
		len--;
	return store_text(target, value, len);
}

static enum err
load_networks(const struct target *target, const char *value)
{
	if (config_networks_check(value) != ERR_OK)
		return refuse(
		    target, "must be networks like 10.0.0.0/8,fd00::/8 with commas between");
	return store_text(target, value, strlen(value));
}

static enum err
load_choice(const struct target *target, const char *value)
{
	const char *const *choices = target->row->choices;

	for (int i = 0; choices[i] != NULL; i++) {
		if (str_equal(value, choices[i])) {
			store(target, &i, sizeof(i));
			return ERR_OK;
		}
	}
	(void)fprintf(target->errors, "%s: must be one of", target->row->name);
	for (int i = 0; choices[i] != NULL; i++)
		(void)fprintf(target->errors, "%s %s", i > 0 ? "," : "", choices[i]);
	(void)fputc('\n', target->errors);
	return ERR_CONFIG;
}

static enum err
load_value(const struct target *target, const char *value)
{
	switch (target->row->type) {
	case CONFIG_INT:
		return load_int(target, value);
	case CONFIG_BOOL:
		return load_bool(target, value);
	case CONFIG_TEXT:
	case CONFIG_SECRET:
		return load_text(target, value);
	case CONFIG_URL:
		return load_url(target, value);
	case CONFIG_NETWORKS:
		return load_networks(target, value);
	case CONFIG_CHOICE:
		return load_choice(target, value);
	}
	check_failed("a row of a known type", __FILE__, __LINE__);
}

/* The variable's value, or NULL when it is not set or empty. */
static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && *value != '\0' ? value : NULL;
}

/* The whole file into OUT.  0 or an errno; EFBIG when it passes OUT's maximum. */
static int
read_file(const char *path, struct buf *out)
{
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	char piece[1024];
	ssize_t got;

	if (fd < 0)
		return errno;
	while ((got = read(fd, piece, sizeof(piece))) != 0) {
		if (got < 0 && errno != EINTR)
			return errno;
		if (got > 0)
			buf_put(out, piece, (size_t)got);
		if (buf_finish(out) != ERR_OK)
			return EFBIG;
	}
	bytes_wipe(piece, sizeof(piece));
	return 0;
}

static enum err
load_secret_file(const struct target *target, const char *path)
{
	struct buf content;
	enum err err;
	int failure;

	buf_init(&content, SECRET_BYTES_MAX);
	buf_puts(&content, "");
	failure = read_file(path, &content);
	if (content.len > 0 && content.data[content.len - 1] == '\n')
		content.data[--content.len] = '\0';
	if (failure != 0)
		err = refuse(target, "its _FILE can't be read: %s", strerrordesc_np(failure));
	else if (content.len == 0)
		err = refuse(target, "its _FILE is empty");
	else if (strlen(content.data) != content.len)
		err = refuse(target, "its _FILE holds a NUL byte");
	else
		err = load_value(target, content.data);
	bytes_wipe(content.data, content.len);
	buf_fini(&content);
	return err;
}

static enum err
load_row(const struct target *target)
{
	const struct config_row *row = target->row;
	const char *value = environment(row->name);
	const char *path = NULL;
	char file_name[128];
	int len;

	if (row->type == CONFIG_SECRET) {
		len = snprintf(file_name, sizeof(file_name), "%s_FILE", row->name);
		check(len > 0 && (size_t)len < sizeof(file_name));
		path = environment(file_name);
	}
	if (value != NULL && path != NULL)
		return refuse(target, "is given twice, by itself and by %s", file_name);
	if (path != NULL)
		return load_secret_file(target, path);
	if (value != NULL)
		return load_value(target, value);
	if (row->fallback == NULL)
		return refuse(target, "is required");
	/* Optional, and left out: the bounds are those of what is given. */
	if (*row->fallback == '\0')
		return store_text(target, "", 0);
	return load_value(target, row->fallback);
}

enum err
config_load(const struct config_table *tables, void *settings, FILE *errors)
{
	enum err result = ERR_OK;

	for (; tables->rows != NULL; tables++) {
		for (const struct config_row *row = tables->rows; row->name != NULL; row++) {
			struct target target = {row, (char *)settings + tables->offset, errors};

			if (load_row(&target) != ERR_OK)
				result = ERR_CONFIG;
		}
	}
	return result;
}
