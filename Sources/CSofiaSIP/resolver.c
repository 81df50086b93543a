// Sofia resolves host names with a blocking getaddrinfo on its event loop: one datagram with a name in its Via stops every
// call for as long as the name servers stay silent. This definition is found before the C library's; on the agent's thread
// it takes numeric hosts only and answers at once, everywhere else it passes the call on.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

_Thread_local bool csip_numeric_hosts_only = false;

typedef int getaddrinfo_function(const char *, const char *, const struct addrinfo *, struct addrinfo **);

__attribute__((visibility("default"))) int getaddrinfo(const char *restrict node, const char *restrict service,
                                                       const struct addrinfo *restrict hints,
                                                       struct addrinfo **restrict result) {
    static _Atomic(getaddrinfo_function *) next = NULL;
    getaddrinfo_function *resolve = atomic_load_explicit(&next, memory_order_acquire);
    if (resolve == NULL) {
        resolve = (getaddrinfo_function *)dlsym(RTLD_NEXT, "getaddrinfo");
        if (resolve == NULL) return EAI_SYSTEM;
        atomic_store_explicit(&next, resolve, memory_order_release);
    }
    if (!csip_numeric_hosts_only) return resolve(node, service, hints, result);
    struct addrinfo numeric = {0};
    if (hints != NULL) numeric = *hints;
    numeric.ai_flags |= AI_NUMERICHOST | AI_NUMERICSERV;
    return resolve(node, service, &numeric, result);
}
