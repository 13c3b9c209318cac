/*
 * edge/fcgi_socket: the socket that FastCGI requests come by.
 *
 * Layer: edge.  Descriptor 0, as the one who started the program left it, or a unix socket of our
 * own: whoever reaches the socket can make libfcgi overflow, so TCP is not offered.  Used at start
 * and end, by the main thread.
 */
#ifndef SHARED_EDGE_FCGI_SOCKET_H
#define SHARED_EDGE_FCGI_SOCKET_H

#include <stdbool.h>

#include "shared/base/err.h"

/* Is descriptor 0 a listening socket? */
bool fcgi_socket_is_inherited(void);
/*
 * The listening socket: descriptor 0, or PATH, made with mode 0660.  A socket file at PATH is
 * replaced when nobody answers there.  ERR_CONFIG, logged: no PATH, one that is in use, or one
 * where no socket can be made.
 */
MUST_USE enum err fcgi_socket_open(const char *path, int *out);

#endif
