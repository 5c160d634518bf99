#!/usr/bin/env bash
# Prints the lines of every module and the longest files: what grows should be seen growing.
set -euo pipefail
cd "$(dirname "$0")/.."

lines() { find "$@" -type f \( -name '*.swift' -o -name '*.c' -o -name '*.h' -o -name '*.cl' \) -exec cat {} + | wc -l; }

for module in Sources/* Kernels Tests; do
    printf '%8d  %s\n' "$(lines "$module")" "$module"
done
printf '%8d  %s\n' "$(lines Sources Kernels)" "all but tests"
echo "The longest files:"
find Sources Kernels Tests -type f \( -name '*.swift' -o -name '*.c' -o -name '*.h' -o -name '*.cl' \) -exec wc -l {} + |
    grep -v ' total$' | sort -rn | head -n 8
