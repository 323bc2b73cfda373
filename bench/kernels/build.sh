#!/usr/bin/env bash
# Builds every kernel beside its source. Needs clang-19 and lld-19 (Debian: apt-get install clang-19 lld-19).
set -euo pipefail
cd "$(dirname "$0")"
for source in *.c; do
  clang-19 --target=wasm32-unknown-unknown -O3 -mbulk-memory -mnontrapping-fptoint -msign-ext -nostdlib -ffreestanding \
    -Wl,--no-entry -Wl,--strip-debug -Wl,-z,stack-size=65536 -o "${source%.c}.wasm" "$source"
done
