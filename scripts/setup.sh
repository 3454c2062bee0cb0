#!/usr/bin/env bash
# Installs what Stillwatch is built from: Debian 12 packages, and LibTorch (pip's torch) into .venv.
# Does nothing where everything is there.  Usage: scripts/setup.sh [--dev]
#   --dev  also what only developers need: clang-format and clang-tidy
# An existing LibTorch is used when STILLWATCH_LIBTORCH or CMAKE_PREFIX_PATH points at one.
set -euo pipefail
cd "$(dirname "$0")/.."
case "${1:-}" in
  "" | --dev) ;;
  *) sed -n '2,5s/^# //p' "$0"; [[ "$1" == --help ]] && exit 0 || exit 2 ;;
esac

readonly torch_version=2.13.0
packages=(
  build-essential cmake ninja-build ccache pkg-config git python3 python3-venv
  libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev gstreamer1.0-tools
  gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav
  libopencv-dev cppzmq-dev libsqlitecpp-dev libsqlite3-dev libyaml-cpp-dev nlohmann-json3-dev
  libspdlog-dev libcli11-dev libexpected-dev libgtest-dev libbenchmark-dev
  libssl-dev libjpeg62-turbo-dev libembree-dev libassimp-dev libminizip-dev
)
[[ "${1:-}" == --dev ]] && packages+=(clang-14 clang-format-14 clang-tidy-14)

missing=()
for package in "${packages[@]}"; do
  [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] ||
    missing+=("$package")
done
if ((${#missing[@]})); then
  echo "Installing ${#missing[@]} Debian packages (a few minutes, about 1.5 GB with what they need): ${missing[*]}"
  sudo=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || { echo "setup: run as root, or install sudo" >&2; exit 3; }
    sudo=(sudo)
  fi
  "${sudo[@]}" apt-get update -qq
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    "${missing[@]}" >/dev/null
fi

has_torch() {
  local dir
  for dir in "${STILLWATCH_LIBTORCH:-}" ${CMAKE_PREFIX_PATH//[:;]/ }; do
    [[ -n "$dir" && ( -e "$dir/share/cmake/Torch/TorchConfig.cmake" || -e "$dir/Torch/TorchConfig.cmake" ) ]] && return 0
  done
  compgen -G '.venv/lib/python3*/site-packages/torch/share/cmake/Torch/TorchConfig.cmake' >/dev/null
}
CMAKE_PREFIX_PATH="${CMAKE_PREFIX_PATH:-}"
if ! has_torch; then
  echo "Installing LibTorch (pip torch==$torch_version, about 200 MB to fetch and 900 MB on disk) into .venv"
  python3 -m venv .venv
  .venv/bin/pip install --quiet --disable-pip-version-check "torch==$torch_version" \
    ${STILLWATCH_PIP_ARGS:-}
fi
