#!/usr/bin/env bash
# Runs all tests, or those that pytest's arguments choose: ./test.sh tests/delivery -k publish
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

tools/venv.sh dev
tools/venv.sh aws
# Each worker begins with half of the modules, so that what tests share is mostly made once.
exec .venv/bin/python -m pytest -n 2 --dist worksteal "$@"
