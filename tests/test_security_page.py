"""What the page about security shows is what there is."""

import re

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
    gateway = rendered("gateway")
    shown = [
        reach(gateway, described("gateway"), name, samples(gateway))
        for name in ("dev", "prod", "staging")
    ]

    assert "\n".join(matrix(shown)) in PAGE


def test_the_page_lists_every_finding_about_reachability() -> None:
    sources = (ROOT / "checks" / "reachability").glob("*.py")
    used = {rule for path in sources for rule in re.findall(r'"(E95\d\d)"', path.read_text())}

    assert set(re.findall(r"^\| (E95\d\d) \|", PAGE, re.MULTILINE)) == used
