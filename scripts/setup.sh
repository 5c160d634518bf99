#!/usr/bin/env bash
# Installs the Debian packages that building and testing need, and those named as arguments, if any is missing. Does
# nothing, and needs no rights, when all are there.
set -euo pipefail

packages=(ocl-icd-opencl-dev opencl-headers libopenblas-dev libsqlite3-dev pocl-opencl-icd zlib1g-dev "$@")

if ! command -v swift >/dev/null; then
    echo "setup: Swift 6.3 or newer is needed and \"swift\" was not found on PATH." >&2
    exit 1
fi
if ! command -v dpkg-query >/dev/null; then
    echo "setup: not a Debian system; these are needed: OpenCL headers and loader, OpenBLAS, SQLite, zlib, and for tests PoCL." >&2
    exit 0
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "setup: install as root: apt-get install ${missing[*]}" >&2
        exit 1
    fi
    as_root=(sudo)
fi
echo "setup: installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q
"${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}"
