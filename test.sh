#!/usr/bin/env bash
# Runs all tests, or those that pytest's arguments choose: ./test.sh tests/delivery -k publish
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

tools/venv.sh dev
tools/venv.sh aws
exec .venv/bin/python -m pytest -n 2 "$@"
