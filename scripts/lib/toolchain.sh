# The Swift toolchain. To be sourced by the scripts beside it.
# shellcheck shell=bash

# Ends with a remedy unless a `swift` of at least this version is on the PATH.
swift_needed=6.2

require_swift() {
    local version
    if ! command -v swift >/dev/null; then
        echo "No 'swift' on the PATH; install Swift $swift_needed or later (https://swift.org/install)" >&2
        exit 1
    fi
    version="$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)"
    if [[ "$(printf '%s\n' "$swift_needed" "$version" | sort --version-sort | head -n 1)" != "$swift_needed" ]]; then
        echo "Swift ${version:-of unknown version} is on the PATH; Swift $swift_needed or later is needed" >&2
        exit 1
    fi
    echo "Swift $version"
}
