#!/bin/sh
# Makes the project whose facts fixtures begin with: stage.sh DIR. It is the example application in a repository of its own,
# with docs/golive.example.yaml as its golive.yaml and the workflows and runbooks that golive makes. Needs SOURCE_ROOT and GOLIVE.
set -eu
dir=$1
cd "$SOURCE_ROOT/examples/glanceflow"
if git rev-parse --git-dir >/dev/null 2>&1; then
    git ls-files -z | tar --null -cf - -T - | tar -xf - -C "$dir"
else
    tar -cf - --exclude=node_modules --exclude=target --exclude=build --exclude=.svelte-kit --exclude=.golive . | tar -xf - -C "$dir"
fi
cp "$SOURCE_ROOT/docs/golive.example.yaml" "$dir/golive.yaml"
cd "$dir"
git init -q -b main
"$GOLIVE" generate workflows --quiet >/dev/null 2>&1 || "$GOLIVE" generate workflows >/dev/null
"$GOLIVE" generate runbooks >/dev/null
git add -A
GIT_AUTHOR_DATE=2026-11-30T00:00:00Z GIT_COMMITTER_DATE=2026-11-30T00:00:00Z git -c user.name=t -c user.email=t@example.com \
    -c commit.gpgsign=false commit -q -m "Begin"
