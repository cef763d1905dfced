"""The page about compliance says what there is."""

import re

import yaml

from scanners.__main__ import SCANNERS
from scanners.acceptance import LIST
from tests.systems_under_test import ROOT

PAGE = (ROOT / "docs" / "compliance.md").read_text()


def test_the_page_names_every_scanner() -> None:
    assert set(re.findall(r"^\| ([a-z][a-z-]+) \| ", PAGE, re.MULTILINE)) == SCANNERS.keys()


def test_the_scan_on_the_page_has_every_scanner_and_leaves_nothing() -> None:
    shown = re.findall(r"^([\w-]+) +[\d.]+ +(\d+) +(\d+) +(\d+)$", PAGE, re.MULTILINE)

    assert [name for name, *_ in shown] == list(SCANNERS)
    assert all(found == accepted and left == "0" for _, found, accepted, left in shown)


def test_the_entry_on_the_page_is_one_of_the_list() -> None:
    (shown,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)

    assert yaml.safe_load(shown)[0] in yaml.safe_load(LIST.read_text())
