#define _GNU_SOURCE
#include "CBench.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { batch = 64 };

// One direction: headers that point into the blocks of bytes behind them.
typedef struct {
    struct mmsghdr headers[batch];
    struct iovec vectors[batch];
    struct sockaddr_in addresses[batch];
    uint8_t bytes[batch][CBENCH_DATAGRAM_BYTES];
    int count;
} direction;

struct cbench_datagrams {
    int fd;
    uint16_t port;
    uint64_t refused;
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

int cbench_datagrams_receive(cbench_datagrams *self) {
    for (int i = 0; i < self->in.count; i++) self->in.headers[i].msg_hdr.msg_namelen = sizeof(struct sockaddr_in);
    int count = recvmmsg(self->fd, self->in.headers, batch, MSG_DONTWAIT, NULL);
    self->in.count = count > 0 ? count : 0;
    return self->in.count;
}

const uint8_t *cbench_datagrams_bytes(const cbench_datagrams *self, int index, size_t *length,
                                      struct sockaddr_in *source) {
    *length = self->in.headers[index].msg_len;
    *source = self->in.addresses[index];
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
