#!/bin/sh
# Turns the controls into C: embed.sh OUTPUT ROOT writes the path and the text of each, ended by NUL, as bytes. It runs at
# every build, so that a new file is seen; what did not change is not written.
set -eu
output=$1
root=$2
cd "$(dirname "$output")"
name=$(basename "$output")
find "$root" -name '*.sql' | LC_ALL=C sort | while read -r file; do
    printf 'controls/%s\0' "${file#"$root"/}"
    cat "$file"
    printf '\0'
done | xxd -i >"$name.new"
if [ -s "$name.new" ]; then echo , >>"$name.new"; fi
if cmp -s "$name.new" "$name"; then rm "$name.new"; else mv "$name.new" "$name"; fi
