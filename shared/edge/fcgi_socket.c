#include "shared/edge/fcgi_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "shared/base/cleanup.h"
#include "shared/base/log.h"

#define BACKLOG 1024

bool
fcgi_socket_is_inherited(void)
{
	int listening = 0;
	socklen_t len = sizeof(listening);

	return getsockopt(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 &&
	    listening != 0;
}

static enum err
refuse(const char *path, const char *why)
{
	log_error("no FastCGI socket", LOG_TEXT("path", path), LOG_TEXT("detail", why));
	return ERR_CONFIG;
}

static enum err
refuse_errno(const char *path)
{
	char text[128];

	return refuse(path, strerror_r(errno, text, sizeof(text)));
}

/* Does somebody listen at ADDRESS? */
static bool
is_answered(const struct sockaddr_un *address)
{
	int fd auto_close = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return true; /* unknown: rather leave it alone */
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
		return true;
	return errno != ECONNREFUSED; /* EAGAIN: its backlog is full */
}

/* A socket file without anybody behind it would make bind fail. */
static enum err
remove_stale(const struct sockaddr_un *address)
{
	struct stat status;

	if (lstat(address->sun_path, &status) != 0)
		return errno == ENOENT ? ERR_OK : refuse_errno(address->sun_path);
	if (!S_ISSOCK(status.st_mode))
		return refuse(address->sun_path, "the path is no socket");
	if (is_answered(address))
		return refuse(address->sun_path, "another process listens there");
	if (unlink(address->sun_path) != 0 && errno != ENOENT)
		return refuse_errno(address->sun_path);
	return ERR_OK;
}

enum err
fcgi_socket_open(const char *path, int *out)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd auto_close = -1;
	mode_t mask;
	int bound;

	if (fcgi_socket_is_inherited()) {
		*out = STDIN_FILENO;
		return ERR_OK;
	}
	if (path[0] == '\0')
		return refuse(path, "descriptor 0 is no listening socket and FCGI_SOCKET is empty");
	if (strlen(path) >= sizeof(address.sun_path))
		return refuse(path, "the path is too long");
	memcpy(address.sun_path, path, strlen(path) + 1);
	TRY(remove_stale(&address));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return refuse_errno(path);
	mask = umask(0117); /* the file is never there with another mode than 0660 */
	bound = bind(fd, (const struct sockaddr *)&address, sizeof(address));
	(void)umask(mask);
	if (bound != 0 || listen(fd, BACKLOG) != 0)
		return refuse_errno(path);
	*out = fd;
	fd = -1;
	return ERR_OK;
}
