// A limit on the header fields of one message.
//
// Sofia appends each header to the end of a list that it walks from its start, so the time a message takes grows with the
// square of their number: 60 KB of empty headers stop every call for a quarter of a second, and Sofia limits bytes only.
// This definition of its parser's entry is found before the library's own. It looks at what is about to be parsed; what
// holds too much is thrown away as garbage, and the connection that carried it is not read any more until it is closed
// for being idle. Everything else is passed on.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"

#include <sofia-sip/msg.h>
#include <sofia-sip/msg_buffer.h>
#include <string.h>

#include "override.h"

// Lines, list members and parameters together. A message that crossed the proxies of several networks has a hundred.
enum { HEADER_PIECE_LIMIT = 1000 };

// Pieces of the header that have been parsed before; a stream brings a message bit by bit.
static size_t parsed_pieces(const msg_t *msg) {
    size_t pieces = 0;
    msg_header_t **head = msg_chain_head(msg);
    if (head == NULL) return 0;
    for (const msg_header_t *header = *head; header != NULL && pieces <= HEADER_PIECE_LIMIT;
         header = header->sh_common->h_succ)
        pieces++;
    return pieces;
}

static bool has_too_many_pieces(msg_t *msg) {
    if (msg_get_flags(msg, MSG_FLG_BODY | MSG_FLG_COMPLETE) != 0) return false;
    const char *data = msg_buf_committed_data(msg);
    size_t size = msg_buf_committed(msg);
    if (data == NULL) return false;
    size_t pieces = parsed_pieces(msg), index = 0;
    // A short message cannot have too many: each byte is one piece at most.
    if (pieces + size <= HEADER_PIECE_LIMIT) return false;
    // White space before a message is skipped, line ends keep a connection alive (RFC 5626 §3.5.1); after the first line
    // an empty one ends the header.
    if (pieces == 0) {
        while (index < size && strchr(" \t\r\n", data[index]) != NULL && data[index] != '\0') index++;
    }
    size_t line = index;
    for (; index < size && pieces <= HEADER_PIECE_LIMIT; index++) {
        switch (data[index]) {
        case '\r':  // ends a line for Sofia by itself, too
        case '\n':
            if (index == line) return false;
            if (data[index] == '\r' && index + 1 < size && data[index + 1] == '\n') index++;
            line = index + 1, pieces++;
            break;
        case ',':
        case ';': pieces++; break;
        default: break;
        }
    }
    return pieces > HEADER_PIECE_LIMIT;
}

OVERRIDE int msg_extract(msg_t *msg) {
    if (msg != NULL && has_too_many_pieces(msg)) {
        msg_mark_as_complete(msg, MSG_FLG_ERROR);
        return -1;
    }
    return NEXT(msg_extract)(msg);
}
