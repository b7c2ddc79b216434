#!/bin/sh
# Says what this machine lacks, all of it at once; prints the Python to use when it lacks nothing.
# What is needed: git, Python 3.11 or later with venv, Node 20 or later with npm.
set -u
missing=""
lack() {
    missing="$missing
  - $1
      on Debian: $2"
}

command -v git >/dev/null 2>&1 || lack "git" "apt-get install git"

python=""
for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 &&
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        python=$(command -v "$candidate")
        break
    fi
done
if [ -z "$python" ]; then
    found=$(python3 --version 2>/dev/null || echo "none")
    lack "Python 3.11 or later (found: $found)" "apt-get install python3 python3-venv"
elif ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
    lack "Python's venv module for $python" "apt-get install python3-venv"
fi

if ! command -v node >/dev/null 2>&1; then
    lack "Node 20 or later" "apt-get install nodejs npm (Debian 13), or a newer Node for Debian 12"
else
    node=$(node --version 2>/dev/null)
    major=${node#v}
    major=${major%%.*}
    [ "${major:-0}" -ge 20 ] 2>/dev/null || lack "Node 20 or later (found: ${node:-unknown})" "install a newer Node"
fi
command -v npm >/dev/null 2>&1 || lack "npm, which comes with Node" "apt-get install npm"

if [ -n "$missing" ]; then
    printf 'This machine lacks:%s\nInstall that, then run the same command again.\n' "$missing" >&2
    exit 1
fi
echo "$python"
