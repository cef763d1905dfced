"""What the page about checks shows is what there is."""

import re

from checks import reference
from tests.systems_under_test import ROOT

PAGE = (ROOT / "docs" / "checks.md").read_text()


def test_the_page_has_the_tables_that_the_code_gives() -> None:
    for table in reference.TABLES:
        assert "\n\n" + "\n".join(table()) + "\n" in PAGE, "run python -m checks"


def test_the_page_has_no_rule_that_is_not_ours() -> None:
    tables = {line for table in reference.TABLES for line in table()}

    assert re.findall(r"^\| E.*$", PAGE, re.MULTILINE)
    assert {line for line in PAGE.splitlines() if line.startswith("| E")} <= tables
