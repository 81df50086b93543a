// What is wrong with certificates and keys in PEM, before anything is served with them.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Why the text holds no usable certificates, as the rest of a sentence that begins with the file; NULL if it does. Each of
/// them is read, so that the whole file can be relied upon.
const char *_Nullable pem_certificates_problem(const uint8_t *text, size_t length);

/// The same of a private key that is not encrypted.
const char *_Nullable pem_key_problem(const uint8_t *text, size_t length);

/// The same of a key that is to be the first certificate's.
const char *_Nullable pem_pair_problem(const uint8_t *certificates, size_t certificates_length, const uint8_t *key,
                                       size_t key_length);

/// The same of certificates that are to be shown in a handshake: the library refuses weak ones, at the security level that the
/// system is set to, and those with keys that sign nothing.
const char *_Nullable pem_strength_problem(const uint8_t *certificates, size_t length);

/// When the first certificate ends, in seconds from now, negative if it has; INT64_MAX if it cannot be read.
int64_t pem_seconds_left(const uint8_t *certificates, size_t length);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
