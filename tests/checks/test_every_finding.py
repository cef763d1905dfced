"""Every kind of finding has an example that shows it; which it is, its own tests say."""

import re

import pytest

from tests.systems_under_test import ROOT

_ID = re.compile(r'"(E9\d{3})"')


def ids(folder: str, family: str) -> set[str]:
    """Return the ids of a family that stand alone in a text of the code in a folder."""
    texts = (path.read_text() for path in (ROOT / folder).rglob("*.py"))
    return {one for text in texts for one in _ID.findall(text) if one.startswith(family)}


@pytest.mark.parametrize("family", ["E92", "E93", "E94", "E95", "E96"])
def test_every_finding_has_an_example_and_every_example_a_finding(family: str) -> None:
    assert len(ids("checks", family)) > 5
    assert ids("tests/checks", family) == ids("checks", family)
