/*
 * edge/answer_head: the headers that every answer has, beside those its handler set.
 *
 * Layer: edge, for exchange alone.
 */
#ifndef SHARED_EDGE_ANSWER_HEAD_H
#define SHARED_EDGE_ANSWER_HEAD_H

#include "shared/edge/exchange.h"

/*
 * Writes the CGI response head (RFC 3875 §6.3) of x->rs to the room and sets x->head, x->body and
 * x->feed; the latter two are empty for HEAD, 204 and 304.
 */
void answer_head_write(struct exchange *x);

#endif
