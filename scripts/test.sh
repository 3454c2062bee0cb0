#!/usr/bin/env bash
# Installs what is needed, checks the format, builds release and runs every test.
# Usage: scripts/test.sh [ctest arguments]      (for example: scripts/test.sh -L unit)
set -euo pipefail
cd "$(dirname "$0")/.."
[[ "${1:-}" == --help ]] && { sed -n '2,3s/^# //p' "$0"; exit 0; }

scripts/setup.sh --dev
scripts/format.sh --check
cmake --preset release >/dev/null
cmake --build --preset release
ctest --preset release --no-tests=error "$@"
