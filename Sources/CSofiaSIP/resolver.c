// Sofia resolves host names with a blocking getaddrinfo on its event loop: one datagram with a name in its Via stops every
// call for as long as the name servers stay silent. This definition is found before the C library's; on the agent's thread
// it takes numeric hosts only and answers at once, everywhere else it passes the call on.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>

#include "override.h"

_Thread_local bool csip_numeric_hosts_only = false;

OVERRIDE int getaddrinfo(const char *restrict node, const char *restrict service, const struct addrinfo *restrict hints,
                         struct addrinfo **restrict result) {
    if (!csip_numeric_hosts_only) return NEXT(getaddrinfo)(node, service, hints, result);
    struct addrinfo numeric = {0};
    if (hints != NULL) numeric = *hints;
    numeric.ai_flags |= AI_NUMERICHOST | AI_NUMERICSERV;
    return NEXT(getaddrinfo)(node, service, &numeric, result);
}
