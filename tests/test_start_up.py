"""A command imports what it needs and no more: imports are most of the time that it takes."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.systems_under_test import ROOT

PROGRAM = """
import atexit, runpy, sys
atexit.register(lambda: print(*sorted(sys.modules), file=sys.stderr))
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__")
"""
AWS = {"boto3", "botocore", "localaws", "ministack"}
LINT = {"cfnlint", "networkx", "sympy"}
TEMPLATES = {"troposphere", "awacs", "templates"}
MODEL = {"pydantic", "yaml", "description"}


def loaded(*words: str) -> set[str]:
    """Return the packages that a command loads."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", PROGRAM, *words],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return {name.partition(".")[0] for name in done.stderr.splitlines()[-1].split()}


@pytest.mark.parametrize(
    ("command", "needed", "not_needed"),
    [
        ("delivery --help", {"delivery"}, AWS | LINT | TEMPLATES | MODEL | {"rich", "checks"}),
        ("description check systems/gateway.yaml", MODEL, AWS | LINT | TEMPLATES | {"rich"}),
        ("checks.permissions table gateway", TEMPLATES | MODEL, AWS | LINT | {"rich"}),
    ],
)
def test_a_command_loads_no_more_than_it_needs(
    command: str, needed: set[str], not_needed: set[str]
) -> None:
    found = loaded(*command.split())
    assert needed <= found
    assert found & not_needed == set()


def test_a_build_loads_templates_once_and_nothing_where_nothing_has_changed(tmp_path: Path) -> None:
    """Lint is done by a process of its own; here it is remembered from other tests, or not."""
    for folder in ("systems", "parameters"):
        (tmp_path / folder).mkdir()
        for path in (ROOT / folder).glob("gateway*"):
            (tmp_path / folder / path.name).write_bytes(path.read_bytes())
    (ROOT / ".cache" / "lint").mkdir(parents=True, exist_ok=True)
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "lint").symlink_to(ROOT / ".cache" / "lint")

    first, second = (loaded("build", "--project", str(tmp_path)) for _ in range(2))

    assert first >= TEMPLATES | MODEL
    assert first & (AWS | LINT | {"rich"}) == set()
    assert second & (AWS | LINT | TEMPLATES | MODEL | {"rich"}) == set()
