"""What the page about security shows is what there is."""

import re

import pytest

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


@pytest.mark.parametrize(
    ("folder", "rules"), [("reachability", r"E95\d\d"), ("permissions", r"E96\d\d")]
)
def test_the_page_lists_every_finding(folder: str, rules: str) -> None:
    sources = (ROOT / "checks" / folder).glob("*.py")
    used = {rule for path in sources for rule in re.findall(f'"({rules})"', path.read_text())}

    assert used
    assert set(re.findall(rf"^\| ({rules}) \|", PAGE, re.MULTILINE)) == used
