from pathlib import Path

import pytest

from checks.accepted import ACCEPTED, Accepted, without_accepted
from checks.build import Project, build
from checks.findings import Finding
from tests.systems_under_test import ROOT

FINDING = Finding("shop/parent.json", "Resources/Child", "W3002", "x")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Finding, ...]:
    """All that is found in both reference systems."""
    return build(Project(ROOT), out=tmp_path_factory.mktemp("out")).found


@pytest.mark.parametrize("entry", ACCEPTED, ids=lambda entry: f"{entry.rule} {entry.file}")
def test_every_entry_is_needed_and_gives_its_reason(
    entry: Accepted, found: tuple[Finding, ...]
) -> None:
    others = [other for other in ACCEPTED if other is not entry]
    assert without_accepted(found, others) != []
    assert len(entry.reason) > 60
    assert entry.reason.endswith(".")


def test_nothing_is_left_to_answer_for(found: tuple[Finding, ...]) -> None:
    assert without_accepted(found) == []


@pytest.mark.parametrize(
    "entry",
    [
        Accepted("W3001", "*", "*", "x"),
        Accepted("W3002", "*/child.json", "*", "x"),
        Accepted("W3002", "*", "Resources/Other", "x"),
    ],
)
def test_an_entry_covers_its_rule_file_and_place_only(entry: Accepted) -> None:
    assert without_accepted([FINDING], [entry]) == [FINDING]
    assert without_accepted([FINDING], [Accepted("W3002", "shop/*", "Resources/*", "x")]) == []


def test_a_finding_counts_once_and_findings_are_in_order() -> None:
    first = Finding("shop/child.json", "", "E9301", "x")
    assert without_accepted([FINDING, first, FINDING], []) == [first, FINDING]


def test_no_reference_template_excuses_itself() -> None:
    for template in Path(ROOT / "templates").glob("*.py"):
        assert "cfn-lint" not in template.read_text()
