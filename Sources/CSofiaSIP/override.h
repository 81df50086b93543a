// Standing before a function of a library: the definition here is found first, and may pass the call on.
#pragma once

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>

#define OVERRIDE __attribute__((visibility("default")))

// The next definition of a function that is defined here. Looking it up takes a while, so it is kept.
#define NEXT(name)                                                                     \
    ({                                                                                 \
        static _Atomic(__typeof__(&name)) kept = NULL;                                 \
        __typeof__(&name) found = atomic_load_explicit(&kept, memory_order_acquire);   \
        if (found == NULL) {                                                           \
            found = (__typeof__(&name))dlsym(RTLD_NEXT, #name);                        \
            if (found == NULL) abort();                                                \
            atomic_store_explicit(&kept, found, memory_order_release);                 \
        }                                                                              \
        found;                                                                         \
    })
