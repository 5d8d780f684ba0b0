#!/bin/sh
# Turns stacks into C: embed.sh OUTPUT ROOT NAME... reads ROOT/NAME.yaml and writes one array each and their table. It names their
# trees, which pack_main.c makes.
set -eu
output=$1
root=$2
shift 2
i=0
: >"$output"
for name in "$@"; do
    { printf 'static const unsigned char text_%d[] = {\n' "$i"; xxd -i <"$root/$name.yaml"; printf ', 0};\n'; } >>"$output"
    i=$((i + 1))
done
printf 'const struct gl_shipped gl_shipped_stacks[] = {\n' >>"$output"
i=0
for name in "$@"; do
    printf '    {"%s", (const char *)text_%d, &tree_%d},\n' "$name" "$i" "$i" >>"$output"
    i=$((i + 1))
done
printf '    {0},\n};\n' >>"$output"
