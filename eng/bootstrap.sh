#!/usr/bin/env bash
# Does all the set-up a clone needs, once, and shows what it does. Sourced by ./opal and ./test.
# Each step leaves a stamp in .opal/stamps and is done again only when what it depends on has changed.

OPAL_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
STAMPS="$OPAL_ROOT/.opal/stamps"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

say()  { printf '\033[2m[opal]\033[0m %s\n' "$*" >&2; }
fail() { printf 'opal: %s\n' "$1" >&2; [ -n "${2:-}" ] && printf '      to mend it: %s\n' "$2" >&2; exit 1; }

# step NAME KEY DESCRIPTION COMMAND... : runs COMMAND unless the stamp of NAME already holds KEY
step() {
  local name="$1" key="$2" what="$3"; shift 3
  [ "$(cat "$STAMPS/$name" 2>/dev/null)" = "$key" ] && return 0
  local log="$OPAL_ROOT/.opal/log/$name.log" begin=$SECONDS
  mkdir -p "$STAMPS" "$OPAL_ROOT/.opal/log"
  say "$what ..."
  if ! "$@" >"$log" 2>&1; then
    tail -n 25 "$log" >&2
    fail "$what: failed (whole output: .opal/log/$name.log)" "${STEP_REMEDY:-read the lines above}"
  fi
  printf '%s' "$key" >"$STAMPS/$name"
  say "$what: done in $((SECONDS - begin)) s"
}

need_tools() {
  command -v dotnet >/dev/null || fail "the .NET 10 SDK is not installed" \
    "see https://dotnet.microsoft.com/download/dotnet/10.0 or, on Debian with Microsoft's package feed, 'apt-get install dotnet-sdk-10.0'"
  dotnet --list-sdks | grep -q '^10\.' || fail "the .NET SDK here is not version 10 ($(dotnet --list-sdks | tr '\n' ' '))" \
    "install the .NET 10 SDK: https://dotnet.microsoft.com/download/dotnet/10.0"
  command -v cc >/dev/null || command -v gcc >/dev/null || fail "no C compiler (cc) is installed" "apt-get install gcc libc6-dev"
  command -v node >/dev/null || fail "Node.js is not installed" "apt-get install nodejs npm"
  command -v npm >/dev/null || fail "npm is not installed" "apt-get install npm"
}

# The shared libraries that the distribution carries: the file's name, and the package in Debian's releases, oldest first.
SYSTEM_LIBRARIES="libsecp256k1.so:libsecp256k1-1,libsecp256k1-2 libgmp.so:libgmp10 libcrypto.so.3:libssl3,libssl3t64 liblmdb.so.0:liblmdb0"

missing_packages() {
  local pair name missing="" known
  known="$(/sbin/ldconfig -p 2>/dev/null)"
  for pair in $SYSTEM_LIBRARIES; do
    case "$known" in
      *"${pair%%:*}"*) ;;
      *)
        name="${pair##*:}"
        local candidate
        for candidate in ${name//,/ }; do
          if apt-cache show "$candidate" >/dev/null 2>&1; then name="$candidate"; break; fi
        done
        missing="$missing ${name%%,*}" ;;
    esac
  done
  printf '%s' "$missing"
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

refresh_packages() { as_root apt-get update -qq; }

install_packages() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1
}

hash_of() { cat "$@" 2>/dev/null | sha256sum | cut -c1-32; }

setup() {
  need_tools
  local missing
  missing="$(missing_packages)"
  if [ -n "$missing" ]; then
    command -v apt-get >/dev/null || fail "system libraries are missing:$missing (names as in Debian)" "install them with your package manager"
    STEP_REMEDY="sudo apt-get update" step lists "$RANDOM" "reading the package lists" refresh_packages
    missing="$(missing_packages)"
    STEP_REMEDY="sudo apt-get install$missing" step system "$missing-$RANDOM" "installing system libraries:$missing" install_packages "$missing"
    STEP_REMEDY=
    missing="$(missing_packages)"
    [ -z "$missing" ] || fail "system libraries are still missing:$missing" "sudo apt-get install$missing"
  fi
  local lock; lock="$(hash_of "$OPAL_ROOT/contracts/package-lock.json")"
  STEP_REMEDY="cd contracts && npm ci --ignore-scripts" step npm "$lock" "fetching the pinned official contracts and c-kzg (npm ci)" \
    bash -c "cd '$OPAL_ROOT/contracts' && npm ci --ignore-scripts --no-audit --no-fund"
  step native "$lock-$(hash_of "$OPAL_ROOT/eng/build-native.sh")" "compiling c-kzg and blst into one shared library" \
    bash "$OPAL_ROOT/eng/build-native.sh" "$OPAL_ROOT/contracts/node_modules/c-kzg" "$OPAL_ROOT/.opal/native"
  step contracts "$lock-$(hash_of "$OPAL_ROOT/eng/bundle-contracts.mjs")" "packing the contracts that Opal deploys" \
    node "$OPAL_ROOT/eng/bundle-contracts.mjs" "$OPAL_ROOT/contracts/node_modules" "$OPAL_ROOT/.opal/contracts/bundle.json.gz"
}

# the programs of others that tests and benchmarks run beside ours
setup_peers() {
  step npm-e2e "$(hash_of "$OPAL_ROOT/tests/Opal.EndToEnd.Tests/js/package-lock.json")" "fetching the peers of tests and benchmarks: viem, ethers, cast, solc, anvil (npm ci)" \
    bash -c "cd '$OPAL_ROOT/tests/Opal.EndToEnd.Tests/js' && npm ci --no-audit --no-fund"
}

# build TARGET STAMP : a Release build of TARGET when anything it could depend on is newer than the stamp
build() {
  local target="$1" stamp="$STAMPS/$2" begin=$SECONDS
  if [ -f "$stamp" ] && [ -z "$(find "$OPAL_ROOT/src" "$OPAL_ROOT/tests" "$OPAL_ROOT/bench" "$OPAL_ROOT/.opal/native" "$OPAL_ROOT/.opal/contracts" \
        "$OPAL_ROOT"/*.props "$OPAL_ROOT/.editorconfig" \( -name bin -o -name obj -o -name node_modules \) -prune -o -newer "$stamp" -type f -print -quit 2>/dev/null)" ]; then
    return 0
  fi
  mkdir -p "$STAMPS" "$OPAL_ROOT/.opal/log"
  local log="$OPAL_ROOT/.opal/log/$2.log" mark; mark="$(mktemp)"
  say "building ${target##*/} (Release) ..."
  if ! dotnet build "$OPAL_ROOT/$target" -c Release -v quiet -nologo >"$log" 2>&1; then
    grep -E 'error' "$log" | sort -u | head -n 20 >&2
    fail "the build failed (whole output: .opal/log/$2.log)" "dotnet build $target -c Release"
  fi
  mv "$mark" "$stamp"
  say "building ${target##*/}: done in $((SECONDS - begin)) s"
}
