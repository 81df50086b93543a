# The Debian packages that the project needs, and their installation. To be sourced by the scripts beside it.
# shellcheck shell=bash

# What the gateway and its benchmark are built with.
build_packages=(
    libsofia-sip-ua-dev
    libssl-dev
    libevent-dev
    libcjose-dev
    libjansson-dev # libcjose-dev's own headers include jansson.h but its package does not depend on it
    libyaml-dev
    libmimalloc-dev
    libcurl4-openssl-dev
    libsqlite3-dev
    libc-ares-dev
    pkg-config
)

# What the tests need besides.
# shellcheck disable=SC2034 # used by the scripts that source this file
test_packages=(
    sip-tester   # sipp: callees and callers by scenario
    kamailio     # the proxy of the interoperability tests
    kamailio-tls-modules
    baresip-core # the telephone of them
    curl    # runs the examples of the documents
    python3 # runs the sample application
    openssl # makes the certificate of its sink
    libxml2-utils # xmllint: locations against their schemas
)

# Installs those of the packages given that are missing. Asks the package manager only if one is.
install_packages() {
    local package missing=()
    for package in "$@"; do
        if [[ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]]; then
            missing+=("$package")
        fi
    done
    if ((${#missing[@]} == 0)); then
        return
    fi
    echo "Installing ${missing[*]}"
    local as_root=()
    if ((EUID != 0)); then
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}
