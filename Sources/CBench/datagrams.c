#define _GNU_SOURCE
#include "CBench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { batch = 64 };

// One direction: headers that point into the blocks of bytes behind them.
typedef struct {
    struct mmsghdr headers[batch];
    struct iovec vectors[batch];
    struct sockaddr_in addresses[batch];
    uint8_t bytes[batch][CBENCH_DATAGRAM_BYTES];
    // Room for one timestamp each; unused where we send.
    _Alignas(struct cmsghdr) uint8_t controls[batch][CMSG_SPACE(sizeof(struct timespec))];
    int count;
} direction;

struct cbench_datagrams {
    int fd;
    uint16_t port;
    uint64_t refused;
    // What the monotonic clock is behind the one of the kernel's timestamps, as of the last receive.
    int64_t behind;
    uint64_t received;
    direction in, out;
};

static void prepare(direction *self) {
    for (int i = 0; i < batch; i++) {
        self->vectors[i] = (struct iovec){.iov_base = self->bytes[i], .iov_len = CBENCH_DATAGRAM_BYTES};
        self->headers[i].msg_hdr = (struct msghdr){
            .msg_name = &self->addresses[i],
            .msg_namelen = sizeof self->addresses[i],
            .msg_iov = &self->vectors[i],
            .msg_iovlen = 1,
        };
    }
}

static void enlarge(int fd, int privileged, int ordinary, int bytes) {
    if (setsockopt(fd, SOL_SOCKET, privileged, &bytes, sizeof bytes) != 0)
        (void)setsockopt(fd, SOL_SOCKET, ordinary, &bytes, sizeof bytes);
}

cbench_datagrams *cbench_datagrams_open(int buffer_bytes) {
    cbench_datagrams *self = calloc(1, sizeof *self);
    if (!self) return NULL;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    self->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (self->fd < 0 || bind(self->fd, (struct sockaddr *)&address, length) != 0
        || getsockname(self->fd, (struct sockaddr *)&address, &length) != 0) {
        int error = errno;
        if (self->fd >= 0) close(self->fd);
        free(self);
        errno = error;
        return NULL;
    }
    int on = 1;
    (void)setsockopt(self->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    enlarge(self->fd, SO_RCVBUFFORCE, SO_RCVBUF, buffer_bytes);
    enlarge(self->fd, SO_SNDBUFFORCE, SO_SNDBUF, buffer_bytes);
    self->port = ntohs(address.sin_port);
    prepare(&self->in);
    prepare(&self->out);
    return self;
}

void cbench_datagrams_close(cbench_datagrams *self) {
    if (!self) return;
    close(self->fd);
    free(self);
}

int cbench_datagrams_descriptor(const cbench_datagrams *self) { return self->fd; }
uint16_t cbench_datagrams_port(const cbench_datagrams *self) { return self->port; }
uint64_t cbench_datagrams_refused(const cbench_datagrams *self) { return self->refused; }

static int64_t nanoseconds(struct timespec time) { return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec; }

static int64_t reading(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return nanoseconds(time);
}

int cbench_datagrams_receive(cbench_datagrams *self) {
    for (int i = 0; i < batch; i++) {
        self->in.headers[i].msg_hdr.msg_namelen = sizeof(struct sockaddr_in);
        self->in.headers[i].msg_hdr.msg_control = self->in.controls[i];
        self->in.headers[i].msg_hdr.msg_controllen = sizeof self->in.controls[i];
    }
    int count = recvmmsg(self->fd, self->in.headers, batch, MSG_DONTWAIT, NULL);
    self->in.count = count > 0 ? count : 0;
    self->received = (uint64_t)reading(CLOCK_MONOTONIC);
    self->behind = reading(CLOCK_REALTIME) - (int64_t)self->received;
    return self->in.count;
}

// The kernel's timestamp, or when we looked if it gave none.
static uint64_t arrival_of(const cbench_datagrams *self, int index) {
    struct msghdr *header = (struct msghdr *)&self->in.headers[index].msg_hdr;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS) continue;
        struct timespec time;
        memcpy(&time, CMSG_DATA(part), sizeof time);
        return (uint64_t)(nanoseconds(time) - self->behind);
    }
    return self->received;
}

const uint8_t *cbench_datagrams_bytes(const cbench_datagrams *self, int index, size_t *length,
                                      struct sockaddr_in *source, uint64_t *arrival) {
    *length = self->in.headers[index].msg_len;
    *source = self->in.addresses[index];
    *arrival = arrival_of(self, index);
    return self->in.bytes[index];
}

uint8_t *cbench_datagrams_reserve(cbench_datagrams *self, const struct sockaddr_in *destination) {
    if (self->out.count == batch) cbench_datagrams_flush(self);
    self->out.addresses[self->out.count] = *destination;
    return self->out.bytes[self->out.count];
}

void cbench_datagrams_commit(cbench_datagrams *self, size_t length) {
    self->out.vectors[self->out.count++].iov_len = length;
}

void cbench_datagrams_flush(cbench_datagrams *self) {
    int sent = 0;
    while (sent < self->out.count) {
        int count = sendmmsg(self->fd, self->out.headers + sent, self->out.count - sent, MSG_DONTWAIT);
        if (count > 0) {
            sent += count;
        } else if (errno != EINTR) {
            // The first one was refused: leave it out and go on.
            self->refused++;
            sent++;
        }
    }
    self->out.count = 0;
}
