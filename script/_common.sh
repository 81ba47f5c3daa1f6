# Shared by the scripts of this folder; not run by itself.
# Goes to the top of the checkout, and knows how to say things, to ask for Debian packages and to install pinned ones.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
VENV=$ROOT/.venv
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1

say() { printf '==> %s\n' "$*"; }
stop() { printf 'stopped: %s\n' "$*" >&2; exit 1; }

# checksum FILE…: one word that changes when a file, its name or the folder of the checkout does.
checksum() { { printf '%s\n' "$ROOT"; sha256sum "$@"; } | sha256sum | cut -d' ' -f1; }

# stamped STAMP WORD: true when STAMP holds WORD already.
stamped() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

# python: the first Python of 3.11 or later on this machine.
python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
            command -v "$name"
            return
        fi
    done
    stop "Python 3.11 or later is needed (Debian 12: apt-get install python3 python3-venv)"
}

# packages NAME…: installs those of the named Debian packages that are missing; asks for the exact command where it may not.
packages() {
    [ "${PORTAL_SYSTEM_READY:-}" ] && return
    command -v dpkg-query >/dev/null || stop "not Debian or Ubuntu: install what these packages bring, then run again with PORTAL_SYSTEM_READY=1: $*"
    local name missing=()
    for name in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || missing+=("$name")
    done
    [ ${#missing[@]} -eq 0 ] && return
    local root=() command="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
    say "system packages: ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }; }; then
            root=(sudo)
        else
            stop "as root, run this and start again:
    $command"
        fi
    fi
    # Fresh lists first: a new machine has none and an old one's are stale.
    local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
    "${apt[@]}" update </dev/null >/dev/null && "${apt[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null >/dev/null \
        || stop "that failed; as root, try: $command"
}

# pinned FILE: installs a hashed requirements file into the virtual environment, once for each content of the file.
pinned() {
    local stamp word
    stamp=$VENV/.stamp-$(basename "$1" .txt)
    word=$(checksum "$1")
    stamped "$stamp" "$word" && return
    say "python packages: $1"
    "$VENV/bin/python" -m pip install -qq --require-hashes --no-input -r "$1"
    printf '%s' "$word" >"$stamp"
}

# tests_only: tests choose their own folders and databases; what this shell is set to is not theirs to touch.
tests_only() {
    unset DATABASE_URL PUBLIC_ADDRESS FLASK_APP FLASK_DEBUG ${!PORTAL_*} ${!OFFICE_SEAL_*}
    export PYTHONHASHSEED=0
}
