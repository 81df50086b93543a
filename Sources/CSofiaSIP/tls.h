// Certificates: what connections are made with, and whose they must be.
#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>

#include "CSofiaTLS.h"

SSL_CTX *csip_tls_context(const csip_tls *tls);
// Prepares a connection of ours: `name` (a host name or a numeric address) is asked for and must be certified.
bool csip_tls_expect(const csip_tls *tls, SSL *ssl, const char *name);
// Prepares a connection to us.
bool csip_tls_demand(const csip_tls *tls, SSL *ssl);
// Why a handshake has failed; clears the thread's queue of errors.
const char *csip_tls_reason(const SSL *ssl);
