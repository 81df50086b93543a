#pragma once
// Before event2/event-config.h, which defines _GNU_SOURCE and with it another fd_set than Foundation knows.
#include <sys/select.h>
#include <event2/event.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <event2/thread.h>
#include <event2/util.h>
// The other threads' way in: Glibc's module has eventfd but not its flags.
#include <sys/eventfd.h>
