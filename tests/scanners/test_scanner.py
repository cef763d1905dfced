"""Scanners are run as programs: here programs of a line or two, with the Python of the tests."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scanners.findings import Finding, Form, ScanError
from scanners.scanner import NOWHERE, Installed, Scanner
from scanners.subjects import CANARY, Subjects
from tests.scanners.subjects import shown


def parse(output: str, _: Subjects) -> Iterator[Finding]:
    """Read what the programs here write: a system and a rule for each finding."""
    for system, rule in json.loads(output):
        yield Finding("echo", rule, system, "production", "Topic", Form.RAW, "said")


def scanner(program: str, **more: object) -> Scanner:
    one = Scanner(
        name="echo",
        version=lambda _: "1",
        command=lambda _, __: [sys.executable, "-c", program],
        parse=parse,
        canary=frozenset({"R1"}),
    )
    return replace(one, **more)  # type: ignore[arg-type]


def scan(one: Scanner, folder: Path) -> list[Finding]:
    return one.scan(shown(folder), Installed(folder / "installed"), folder / "home")


def says(*found: tuple[str, str]) -> str:
    return f"print({json.dumps(json.dumps(found))})"


def test_leaves_out_what_is_wrong_on_purpose(tmp_path: Path) -> None:
    found = scan(scanner(says((CANARY, "R1"), ("shop", "R2"))), tmp_path)

    assert [(one.system, one.rule) for one in found] == [("shop", "R2")]


def test_a_scanner_that_finds_nothing_wrong_in_the_canary_does_not_judge(tmp_path: Path) -> None:
    with pytest.raises(ScanError, match=r"does not judge: it should have found R1 in"):
        scan(scanner(says((CANARY, "R2"), ("shop", "R1"))), tmp_path)


@pytest.mark.parametrize(
    ("program", "complaint"),
    [
        ("import sys; sys.exit('it hurts')", "echo failed with exit code 1: it hurts"),
        ("import sys; sys.exit(3)", "exit code 3: it does not say why"),
        ("import sys; sys.exit('Error: no module\\nNode 24')", "exit code 1: Error: no module$"),
        ("print('no JSON')", "says what is not understood"),
        ("print('[[1]]')", "says what is not understood"),
    ],
)
def test_a_scanner_that_fails_is_a_failure(program: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(ScanError, match=complaint):
        scan(scanner(program), tmp_path)


def test_a_scanner_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    missing = scanner("", command=lambda _, __: [str(tmp_path / "nothing")])

    with pytest.raises(ScanError, match="echo cannot be run"):
        scan(missing, tmp_path)


def test_an_exit_code_may_say_that_something_was_found(tmp_path: Path) -> None:
    program = f"{says((CANARY, 'R1'))}; import sys; sys.exit(19)"

    assert scan(scanner(program, exits=frozenset({0, 19})), tmp_path) == []


def test_a_scanner_reads_what_it_is_given(tmp_path: Path) -> None:
    program = "import sys; print(sys.stdin.read())"

    given = json.dumps([[CANARY, "R1"], ["shop", "R3"]])

    assert len(scan(scanner(program, stdin=lambda _: given), tmp_path)) == 1


def test_a_scanner_has_nothing_of_the_users_and_no_way_to_the_internet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    monkeypatch.setenv("https_proxy", "http://proxy.example")
    program = f"""
import json, os
seen = [os.environ["https_proxy"], os.environ["HTTP_PROXY"], os.environ["HOME"], os.getcwd()]
print(json.dumps([[{CANARY!r}, "R1"], *(["", one] for one in [*seen, *os.environ])]))
"""

    first, second, home, folder, *names = (one.rule for one in scan(scanner(program), tmp_path))

    assert (first, second) == (NOWHERE, NOWHERE)
    assert home == folder == str(tmp_path / "home")
    assert not any(name.startswith("AWS_") for name in names)
