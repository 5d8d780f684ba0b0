#!/bin/sh
# Runs the controls over their fixtures: run.sh [-v] [ID...]. By hand, from the root of the sources:
#   SOURCE_ROOT=$PWD GOLIVE=$PWD/build/golive FIXTURES=$PWD/build/tests/control/run_fixtures sh tests/control/run.sh -v 2.3.3
set -eu
project=$(mktemp -d)
trap 'rm -rf "$project"' EXIT
sh "$SOURCE_ROOT/tests/control/stage.sh" "$project"
LC_ALL=C.UTF-8 "$FIXTURES" "$project" "$@"
