// System calls that Swift's Glibc module leaves out because they are GNU extensions: epoll, recvmmsg and sendmmsg, and
// a child that dies with its parent. Nothing here decides anything.
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Largest datagram sent or received. A 2 KB offer with its headers needs half of it.
#define CBENCH_DATAGRAM_BYTES 8192

// --- Readiness ---------------------------------------------------------------------------------------------------

typedef struct {
    uint64_t key;    ///< What the descriptor was watched with.
    bool readable;   ///< Data, an end of file or an error is waiting: read to find out which.
    bool writable;
} cbench_event;

/// A new epoll descriptor, or -1 with `errno` set.
int cbench_poller_create(void);

/// Watches `fd` for input, and for room to write if `writable`. `known`: the descriptor is watched already.
/// Returns 0, or -1 with `errno` set.
int cbench_poller_watch(int poller, int fd, uint64_t key, bool writable, bool known);

/// Waits up to `nanoseconds` (0: not at all) and stores at most `capacity` (up to 256) events.
/// Returns their number; 0 too when a signal came first; -1 with `errno` set.
int cbench_poller_wait(int poller, cbench_event *events, int capacity, int64_t nanoseconds);

// --- Datagrams, many per system call -----------------------------------------------------------------------------

typedef struct cbench_datagrams cbench_datagrams;

/// Opens a UDP socket on 127.0.0.1 and any free port, with kernel buffers of `buffer_bytes` where permitted.
/// Returns NULL with `errno` set.
cbench_datagrams *cbench_datagrams_open(int buffer_bytes);
void cbench_datagrams_close(cbench_datagrams *self);
int cbench_datagrams_descriptor(const cbench_datagrams *self);
uint16_t cbench_datagrams_port(const cbench_datagrams *self);

/// Takes what is waiting, up to 64 datagrams. Returns their number, 0 if none is waiting.
int cbench_datagrams_receive(cbench_datagrams *self);

/// Datagram `index` of the last receive; valid until the next. `arrival`: when the kernel put it into the socket, in
/// nanoseconds of the monotonic clock.
const uint8_t *cbench_datagrams_bytes(const cbench_datagrams *self, int index, size_t *length,
                                      struct sockaddr_in *source, uint64_t *arrival);

/// Room of CBENCH_DATAGRAM_BYTES for the next datagram to `destination`; `commit` says how much of it is used.
/// Sends what is queued first when the queue is full.
uint8_t *cbench_datagrams_reserve(cbench_datagrams *self, const struct sockaddr_in *destination);
void cbench_datagrams_commit(cbench_datagrams *self, size_t length);

/// Hands all committed datagrams to the kernel. What it refuses is dropped and counted: SIP sends again.
void cbench_datagrams_flush(cbench_datagrams *self);
uint64_t cbench_datagrams_refused(const cbench_datagrams *self);

// --- The rest ----------------------------------------------------------------------------------------------------

/// Position of `needle` in `bytes`, or -1.
ptrdiff_t cbench_find(const uint8_t *bytes, size_t length, const char *needle, size_t needle_length);

/// Starts `arguments[0]` (NULL-terminated list) in `directory`, both output streams on `output`; SIGTERM reaches it when
/// the calling thread ends. It is scheduled, and its timers fire, as any program's, whatever holds for the calling thread.
/// Returns the process id, or -1 with `errno` set.
pid_t cbench_spawn(char *const arguments[], const char *directory, int output);

/// CPU time of a process in nanoseconds, ended threads included, or -1 with `errno` set.
int64_t cbench_cpu_nanoseconds(pid_t process);

/// Timers of this thread fire when due: the kernel's default slack is 50 µs.
void cbench_use_exact_timers(void);

/// This thread waits for a core instead of taking it from another thread when something comes for it (SCHED_BATCH): as
/// callers and peers on machines of their own, which take none from the gateway. Its share of the cores stays the same.
/// With false it is scheduled as any thread again. Returns -1 with `errno` set where that is not to be had.
int cbench_preempt_nobody(bool nobody);
