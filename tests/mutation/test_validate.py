"""What becomes of what cloudformation-validate finds: in its place stands a module that finds what
these tests want; ``python -m tests.mutation --validate`` asks the real one.
"""

import sys
from pathlib import Path

import pytest

from scanners.scanner import Installed
from tests.mutation import __main__ as program
from tests.mutation import validate
from tests.mutation.kinds import mutants
from tests.mutation.mutant import Mutant, Subject
from tests.mutation.run import CHECKS, LINT, NOBODY
from tests.mutation.subjects import subjects
from tests.mutation.validate import Noticed, ask, compare, lines

STAND_IN = """
import json
from pathlib import Path
from types import SimpleNamespace as Some


class CompositeEngine:
    def validate_template(self, path):
        found = [("I4010", path)]
        for name, resource in json.loads(Path(path).read_text())["Resources"].items():
            if resource["Type"] == "AWS::EC2::VPC":
                found.append(("W3030", "always there"))
                if "CidrBlock" not in resource["Properties"]:
                    found.append(("E1", "no range"))
        entity = Some(entity_type=Some(name="RESOURCE"), logical_id="Vpc")
        return Some(
            diagnostics=[Some(entity=entity, rule_id=rule, message=text) for rule, text in found]
        )
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path} exec {sys.executable} "$@"\n')
    python.chmod(0o700)
    (tmp_path / "cloudformation_validate.py").write_text(STAND_IN)
    monkeypatch.setattr(validate, "INSTALLED", Installed(tmp_path))


@pytest.fixture(scope="module")
def of_vpc() -> list[tuple[Subject, Mutant]]:
    """Return mutants of the VPC: its range is gone, and what it is found without."""
    gateway = subjects()[0]
    return [
        (gateway, one)
        for one in mutants(gateway)
        if one.path[:2] == ("Resources", "Vpc") and one.kind == "property removed"
    ]


@pytest.mark.usefixtures("installed")
def test_what_is_found_in_the_original_too_or_accepted_is_not_noticed(
    of_vpc: list[tuple[Subject, Mutant]],
) -> None:
    noticed = ask(of_vpc)
    assert len(of_vpc) > len(noticed)
    assert {of_vpc[index][1].path[-1] for index in noticed} == {"CidrBlock"}
    assert [*noticed.values()] == [{"E1 Vpc: no range"}]


@pytest.mark.usefixtures("installed")
def test_of_what_is_noticed_the_builds_own_checks_are_asked_first(
    of_vpc: list[tuple[Subject, Mutant]], tmp_path: Path
) -> None:
    defects, noticed = compare(of_vpc, tmp_path / "cache")
    assert 0 < defects < len(of_vpc)
    assert [(one.subject, one.mutant.path[-1], one.judge) for one in noticed] == [
        ("gateway", "CidrBlock", CHECKS)
    ]


def test_the_result_counts_each_judge_and_names_what_nobody_else_notices() -> None:
    mutant = Mutant("text misspelt", "iam", "parent.json", ("Resources", "Vpc"), ())
    judges = (CHECKS, CHECKS, LINT, NOBODY)
    noticed = [Noticed("gateway", mutant, ("E1 Resources/Vpc: no range",), one) for one in judges]
    assert list(lines(9, noticed)) == [
        "9 defects: cloudformation-validate notices 4 of them, our own checks 2 of those, and "
        "cfn-lint 1 of the other 2",
        "gateway text misspelt: parent.json Resources/Vpc",
        "  E1 Resources/Vpc: no range",
    ]


def test_where_it_is_not_installed_the_message_says_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(validate, "INSTALLED", Installed(tmp_path))
    assert program.main(["--validate", "--sample", "1"]) == 1
    out, err = capsys.readouterr()
    assert not out
    assert err == (
        "cloudformation-validate is not installed. tools/venv.sh scanners installs it.\n"
    )
