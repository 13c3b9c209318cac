/*
 * edge/json: strict JSON in (RFC 8259 over cJSON), plain JSON out.
 *
 * Layer: edge.  json_parse makes a tree of a document that is JSON beyond doubt; json_read.h turns
 * a client's object into a struct that can't be wrong; json_write.h writes.
 */
#ifndef SHARED_EDGE_JSON_H
#define SHARED_EDGE_JSON_H

#include "shared/edge/json_parse.h"
#include "shared/edge/json_read.h"
#include "shared/edge/json_write.h"

#endif
