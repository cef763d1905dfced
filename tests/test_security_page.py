"""What the page about security shows is what there is."""

import re
from collections.abc import Mapping

import pytest

from checks import permissions, reachability, reference
from checks.permissions.deployment import reference as rights
from checks.reachability import matrix, reach
from checks.resolved import samples
from tests.systems_under_test import ROOT, described, rendered

PAGE = (ROOT / "docs" / "security.md").read_text()


def test_the_examples_of_the_resolved_system_run() -> None:
    examples = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    example = "".join(examples).replace("Project(Path())", f"Project(Path({str(ROOT)!r}))")

    assert all("assert" in one for one in examples)
    exec(example, {})  # noqa: S102 - our own page


def test_the_matrix_on_the_page_is_that_of_the_system() -> None:
    shown = [
        reach(rendered(system), described(system), name, samples(rendered(system)))
        for system, name in (
            ("gateway", "prod"),
            ("gateway", "staging"),
            ("gateway/development", "dev"),
        )
    ]

    assert "\n".join(matrix(shown)) in PAGE


def test_the_page_has_the_table_of_findings_that_the_code_gives() -> None:
    table = "\n".join(reference.over_connections_and_rights())

    assert f"\n\n{table}\n\n" in PAGE, "run python -m checks"


def test_the_page_about_rights_has_the_table_that_policies_are_made_from() -> None:
    page = (ROOT / "docs" / "rights.md").read_text()

    assert f"\n\n{chr(10).join(rights.lines())}\n\n" in page, (
        "run python -m checks.permissions commands"
    )


@pytest.mark.parametrize(
    ("folder", "rules", "reasons"),
    [
        ("reachability", r"E95\d\d", reachability.REASONS),
        ("permissions", r"E96\d\d", permissions.REASONS),
    ],
)
def test_every_finding_has_a_reason(folder: str, rules: str, reasons: Mapping[str, str]) -> None:
    sources = (ROOT / "checks" / folder).glob("*.py")
    used = {
        rule
        for path in sources
        if path.name != "__init__.py"
        for rule in re.findall(f'"({rules})"', path.read_text())
    }

    assert used
    assert reasons.keys() == used
