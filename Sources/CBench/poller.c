#define _GNU_SOURCE
#include "CBench.h"

#include <errno.h>
#include <sys/epoll.h>
#include <time.h>

enum { most_events = 256 };

int cbench_poller_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int cbench_poller_watch(int poller, int fd, uint64_t key, bool writable, bool known) {
    struct epoll_event event = {.events = EPOLLIN | (writable ? EPOLLOUT : 0), .data.u64 = key};
    return epoll_ctl(poller, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
}

int cbench_poller_wait(int poller, cbench_event *events, int capacity, int64_t nanoseconds) {
    struct epoll_event ready[most_events];
    struct timespec timeout = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    int count = epoll_pwait2(poller, ready, capacity < most_events ? capacity : most_events, &timeout, NULL);
    if (count < 0) return errno == EINTR ? 0 : -1;
    for (int i = 0; i < count; i++) {
        uint32_t what = ready[i].events;
        events[i] = (cbench_event){
            .key = ready[i].data.u64,
            .readable = (what & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0,
            .writable = (what & EPOLLOUT) != 0,
        };
    }
    return count;
}
