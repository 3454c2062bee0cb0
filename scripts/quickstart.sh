#!/usr/bin/env bash
# From a fresh Debian 12 machine to captioned change events: installs what is needed, builds, and
# runs the demonstration, or scans VIDEO.  Usage: scripts/quickstart.sh [VIDEO]
# The first run took 16 minutes on a new 2-core machine with other work on it; later runs
# start in seconds.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
if [[ $# -gt 1 || "${1:-}" == --help ]]; then
  sed -n '2,5s/^# //p' "$0"
  [[ "${1:-}" == --help ]] && exit 0 || exit 2
fi
if [[ $# -eq 1 && ! -e "$1" ]]; then
  echo "quickstart: no such file: $1" >&2
  exit 3
fi
video=${1:+$(realpath "$1")}
cd "$here"

scripts/setup.sh
[[ -f build/release/build.ninja ]] || cmake --preset release >/dev/null
cmake --build --preset release --target stillwatch_product
stillwatch=build/release/stillwatch

if [[ -n "$video" ]]; then
  store=${XDG_DATA_HOME:-$HOME/.local/share}/stillwatch
  # Recordings are short; the defaults of scan are meant for days.
  "$stillwatch" scan "$video" --interval 500ms --settle 2s --store "$store" --output table
  cat <<END

What to try next:
  $stillwatch query --store $store             every event
  $stillwatch query --store $store bag         events whose caption has the word
  $stillwatch scan --help                      sampling, settling, masks, pictures on disk
END
else
  "$stillwatch" demo
fi
