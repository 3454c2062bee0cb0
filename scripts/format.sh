#!/usr/bin/env bash
# Formats every C++ and CUDA source in place.  Usage: scripts/format.sh [--check]
#   --check  changes nothing; fails and lists the files that are not formatted
set -euo pipefail
cd "$(dirname "$0")/.."
args=(-i)
[[ "${1:-}" == --check ]] && args=(--dry-run --Werror)
git ls-files -z '*.h' '*.cc' '*.cu' '*.cuh' ':!tests/lint/planted' |
  xargs -0 -r clang-format-14 "${args[@]}"
