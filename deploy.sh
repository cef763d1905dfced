#!/usr/bin/env bash
# Deploys a payment system, to AWS or to a local one: ./deploy.sh --help
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

if [[ ${1-} == local ]]; then
    "$here/tools/venv.sh" local
    cd "$here" # the local AWS keeps its state there
    exec .venv/bin/python -m localaws deploy "${@:2}"
fi
"$here/tools/venv.sh" deploy
exec "$here/.venv/bin/python" -m delivery "$@"
