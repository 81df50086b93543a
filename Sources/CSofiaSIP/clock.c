// Sofia's clock: whole milliseconds that never jump.
//
// Sofia reads the wall clock, so a corrected clock would hold back or hurry every retransmission (RFC 3261 §17). And it
// rounds the time until its next timer down to milliseconds: during the last one it would poll without a pause, which at
// a thousand transactions a second is always. Counted in whole milliseconds, no time that remains is less than one.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"

#include <pthread.h>
#include <time.h>

// Exported by the library for this, and declared in none of its headers: called with every time it reads.
extern void (*_su_time)(su_time_t *time);

static int64_t wall_offset;  // milliseconds to add to the monotonic clock

static int64_t monotonic_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void replace_time(su_time_t *time) {
    if (time == NULL) return;
    int64_t now = monotonic_milliseconds() + wall_offset;
    time->tv_sec = (unsigned long)(now / 1000);
    time->tv_usec = (unsigned long)(now % 1000) * 1000;
}

static void install(void) {
    // Starts from the wall's time: Sofia takes seconds since 1900.
    su_time_t wall;
    su_time(&wall);
    wall_offset = (int64_t)wall.tv_sec * 1000 + (int64_t)wall.tv_usec / 1000 - monotonic_milliseconds();
    _su_time = replace_time;
}

void csip_clock_install(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
}
