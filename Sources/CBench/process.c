#define _GNU_SOURCE
#include "CBench.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

ptrdiff_t cbench_find(const uint8_t *bytes, size_t length, const char *needle, size_t needle_length) {
    const uint8_t *found = memmem(bytes, length, needle, needle_length);
    return found ? found - bytes : -1;
}

pid_t cbench_spawn(char *const arguments[], const char *directory, int output) {
    pid_t parent = getpid();
    pid_t child = fork();
    if (child != 0) return child;
    // Only async-signal-safe calls from here: the parent may have threads.
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent) _exit(126);
    if (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0) _exit(126);
    // The driver's own ways would be inherited. The slack is the kernel's default: 0 would be what was inherited.
    if (sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0}) != 0) _exit(126);
    if (prctl(PR_SET_TIMERSLACK, 50000UL, 0UL, 0UL, 0UL) != 0) _exit(126);
    if (directory && chdir(directory) != 0) _exit(126);
    execv(arguments[0], arguments);
    _exit(127);
}

int64_t cbench_cpu_nanoseconds(pid_t process) {
    clockid_t clock;
    struct timespec time;
    if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return -1;
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void cbench_use_exact_timers(void) { (void)prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); }

int cbench_preempt_nobody(bool nobody) {
    return sched_setscheduler(0, nobody ? SCHED_BATCH : SCHED_OTHER, &(struct sched_param){0});
}
