#!/usr/bin/env bash
# Lets scanners that others made judge the templates: ./scan.sh --help
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

tools/venv.sh deploy
tools/venv.sh scanners
exec .venv/bin/python -m scanners "$@"
