#!/usr/bin/env bash
# Compiles the C sources of c-kzg-4844 and blst, as the npm package c-kzg ships them, into one shared library.
#   eng/build-native.sh NODE_MODULES_CKZG_DIR OUT_DIR
# Leaves in OUT_DIR: libopal_kzg.so (all functions of ckzg.h and blst.h), trusted_setup.txt (the mainnet ceremony's).
set -euo pipefail

[ $# = 2 ] || { echo "usage: $0 NODE_MODULES_CKZG_DIR OUT_DIR" >&2; exit 2; }
package="$(cd "$1" && pwd)"
mkdir -p "$2"
out="$(cd "$2" && pwd)"

compiler="${CC:-}"
[ -n "$compiler" ] || compiler="$(command -v cc || command -v gcc || command -v clang)" || { echo "no C compiler found" >&2; exit 1; }

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# __BLST_PORTABLE__: the library carries both multiplier variants and chooses by the CPU it runs on
flags="-O2 -fPIC -D__BLST_PORTABLE__ -ffile-prefix-map=$package=. -w"
# shellcheck disable=SC2086
{
  "$compiler" $flags -c "$package/deps/blst/src/server.c" -o "$work/blst.o"
  "$compiler" $flags -c "$package/deps/blst/build/assembly.S" -o "$work/blst_assembly.o"
  "$compiler" $flags -I"$package/deps/blst/bindings" -I"$package/deps/c-kzg" -c "$package/deps/c-kzg/ckzg.c" -o "$work/ckzg.o"
  "$compiler" -shared -Wl,-z,noexecstack -Wl,-soname,libopal_kzg.so -o "$work/libopal_kzg.so" "$work/blst.o" "$work/blst_assembly.o" "$work/ckzg.o"
}

# replaced whole, so that a running program keeps the file it has mapped
cp "$package/deps/c-kzg/trusted_setup.txt" "$out/trusted_setup.txt.new" && mv "$out/trusted_setup.txt.new" "$out/trusted_setup.txt"
cp "$work/libopal_kzg.so" "$out/libopal_kzg.so.new" && mv "$out/libopal_kzg.so.new" "$out/libopal_kzg.so"
