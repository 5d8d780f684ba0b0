#!/bin/sh
# Turns the specifications of facts into C: embed.sh OUTPUT ROOT NAME... reads ROOT/NAME.sql.
set -eu
output=$1
root=$2
shift 2
i=0
: >"$output"
for name in "$@"; do
    { printf 'static const unsigned char text_%d[] = {\n' "$i"; xxd -i <"$root/$name.sql"; printf ', 0};\n'; } >>"$output"
    i=$((i + 1))
done
printf 'const struct gl_fact_table gl_fact_tables[] = {\n' >>"$output"
i=0
for name in "$@"; do
    printf '    {"%s", (const char *)text_%d},\n' "$name" "$i" >>"$output"
    i=$((i + 1))
done
printf '    {0},\n};\n' >>"$output"
