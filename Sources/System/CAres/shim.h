#pragma once
#include <sys/select.h>
#include <ares.h>
#include <sys/eventfd.h>

// Complex macros that Swift does not see.
static const int cares_bad_socket = ARES_SOCKET_BAD;
