// Certificates: reading our own, and checking whose a peer's is (RFC 5922).
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tls.h"
#include "CSofiaSIP.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>
#include <sofia-sip/su_config.h>  // what sofia_features.h is written in
#include <sofia-sip/sofia_features.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct csip_tls {
    SSL_CTX *context;
    bool verifies_peers, requires_client_certificate;
};

SSL_CTX *csip_tls_context(const csip_tls *tls) { return tls->context; }

static const char *last_error(void) {
    // The first is the cause; what it led to comes after it.
    unsigned long code = ERR_peek_error();
    const char *text = code != 0 ? ERR_reason_error_string(code) : NULL;
    ERR_clear_error();
    return text != NULL ? text : "unknown error";
}

static bool load(SSL_CTX *context, const csip_tls_files *files, char *reason, size_t size) {
    // The system's authorities certify anybody.
    if (files->ca == NULL && files->requires_client_certificate) {
        snprintf(reason, size, "certificates of clients cannot be demanded without authorities of the gateway's own");
        return false;
    }
    const char *what = NULL;
    if (SSL_CTX_use_certificate_chain_file(context, files->certificate) != 1) what = "the certificate";
    else if (SSL_CTX_use_PrivateKey_file(context, files->key, SSL_FILETYPE_PEM) != 1) what = "the key";
    else if (SSL_CTX_check_private_key(context) != 1) what = "the key";
    else if (files->ca == NULL && SSL_CTX_set_default_verify_paths(context) != 1) what = "the system's authorities";
    else if (files->ca != NULL && SSL_CTX_load_verify_file(context, files->ca) != 1) what = "the authorities";
    if (what == NULL && files->requires_client_certificate) {
        STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(files->ca);
        if (names == NULL) what = "the authorities";
        else SSL_CTX_set_client_CA_list(context, names);
    }
    if (what == NULL) return true;
    snprintf(reason, size, "%s cannot be used: %s", what, last_error());
    return false;
}

// A key that is encrypted is not asked for on a terminal.
static int no_password(char *buffer, int size, int is_writing, void *data) {
    (void)buffer, (void)size, (void)is_writing, (void)data;
    return -1;
}

csip_tls *csip_tls_create(const csip_tls_files *files, char *reason, size_t size) {
    if (!csip_streams_fit(sofia_sip_name_version)) {
        snprintf(reason, size, "needs Sofia-SIP 1.12 (libsofia-sip-ua0), and %s is loaded", sofia_sip_name_version);
        return NULL;
    }
    ERR_clear_error();
    csip_tls *tls = calloc(1, sizeof *tls);
    SSL_CTX *context = SSL_CTX_new(TLS_method());
    if (tls == NULL || context == NULL) {
        snprintf(reason, size, "not enough memory");
        goto failed;
    }
    // Nothing older (RFC 8996). Connections last: resumption would only keep what a changed certificate revokes.
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_default_passwd_cb(context, no_password);
    if (!load(context, files, reason, size)) goto failed;
    tls->context = context;
    tls->verifies_peers = files->verifies_peers;
    tls->requires_client_certificate = files->requires_client_certificate;
    return tls;

failed:
    SSL_CTX_free(context);
    free(tls);
    return NULL;
}

void csip_tls_free(csip_tls *tls) {
    // Open connections hold the context until they end.
    SSL_CTX_free(tls->context);
    free(tls);
}

// The name that a connection's peer must have, kept with it.
static int name_index = -1;

static void free_name(void *parent, void *name, CRYPTO_EX_DATA *data, int index, long number, void *pointer) {
    (void)parent, (void)data, (void)index, (void)number, (void)pointer;
    free(name);
}

__attribute__((constructor)) static void make_index(void) {
    name_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, free_name);
}

static size_t address_of(const char *name, unsigned char bytes[16]) {
    char bare[INET6_ADDRSTRLEN + 2];
    size_t length = strlen(name);
    if (name[0] == '[' && length < sizeof bare) {
        snprintf(bare, sizeof bare, "%.*s", (int)(length > 2 ? length - 2 : 0), name + 1);
        name = bare;
    }
    if (inet_pton(AF_INET, name, bytes) == 1) return 4;
    return inet_pton(AF_INET6, name, bytes) == 1 ? 16 : 0;
}

// Exactly `name`, letter case and a last dot aside: SIP has no wildcards (RFC 5922 §7.2).
static bool is_name(const ASN1_STRING *text, size_t skipped, const char *name) {
    const char *data = (const char *)ASN1_STRING_get0_data(text) + skipped;
    size_t length = (size_t)ASN1_STRING_length(text) - skipped, wanted = strlen(name);
    if (wanted > 0 && name[wanted - 1] == '.') wanted--;
    return length == wanted && strncasecmp(data, name, wanted) == 0 && memchr(data, '\0', length) == NULL;
}

// Whether a certificate is of the SIP domain or host `name` (RFC 5922 §7.1): by its alternative names, and by its common name
// only if it has none.
static bool is_certified(X509 *certificate, const char *name) {
    unsigned char address[16];
    size_t address_length = address_of(name, address);
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    bool found = false;
    for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *each = sk_GENERAL_NAME_value(names, i);
        if (each->type == GEN_IPADD)
            found = address_length > 0 && (size_t)ASN1_STRING_length(each->d.iPAddress) == address_length
                    && memcmp(ASN1_STRING_get0_data(each->d.iPAddress), address, address_length) == 0;
        else if (each->type == GEN_DNS)
            found = address_length == 0 && is_name(each->d.dNSName, 0, name);
        else if (each->type == GEN_URI && address_length == 0 && ASN1_STRING_length(each->d.uniformResourceIdentifier) > 4)
            // A URI with a user is no domain's, and one of another scheme no SIP identity: neither is equal.
            found = strncasecmp((const char *)ASN1_STRING_get0_data(each->d.uniformResourceIdentifier), "sip:", 4) == 0
                    && is_name(each->d.uniformResourceIdentifier, 4, name);
    }
    if (names == NULL && address_length == 0) {
        X509_NAME *subject = X509_get_subject_name(certificate);
        int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
        ASN1_STRING *common = at >= 0 ? X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)) : NULL;
        found = common != NULL && is_name(common, 0, name);
    }
    GENERAL_NAMES_free(names);
    return found;
}

static int verify(int is_valid, X509_STORE_CTX *store) {
    if (!is_valid || X509_STORE_CTX_get_error_depth(store) != 0) return is_valid;
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    const char *name = ssl != NULL ? SSL_get_ex_data(ssl, name_index) : NULL;
    if (name != NULL && is_certified(X509_STORE_CTX_get_current_cert(store), name)) return 1;
    X509_STORE_CTX_set_error(store, X509_V_ERR_HOSTNAME_MISMATCH);
    return 0;
}

bool csip_tls_expect(const csip_tls *tls, SSL *ssl, const char *name) {
    if (name == NULL || name[0] == '\0') return false;
    unsigned char address[16];
    // RFC 6066 §3: a server name is no address.
    if (address_of(name, address) == 0 && SSL_set_tlsext_host_name(ssl, name) != 1) return false;
    if (!tls->verifies_peers) {
        SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
        return true;
    }
    char *kept = strdup(name);
    if (kept == NULL) return false;
    if (SSL_set_ex_data(ssl, name_index, kept) != 1) {
        free(kept);
        return false;
    }
    SSL_set_verify(ssl, SSL_VERIFY_PEER, verify);
    return true;
}

bool csip_tls_demand(const csip_tls *tls, SSL *ssl) {
    SSL_set_verify(
        ssl, tls->requires_client_certificate ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_NONE, NULL);
    return true;
}

const char *csip_tls_reason(const SSL *ssl) {
    long result = SSL_get_verify_result(ssl);
    if (result != X509_V_OK) {
        ERR_clear_error();
        return X509_verify_cert_error_string(result);
    }
    if (ERR_peek_error() == 0) return "the connection was closed during the handshake";
    return last_error();
}
