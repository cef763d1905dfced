"""What the scanners' environment is made of."""

import json
import re
from itertools import takewhile

from tests.systems_under_test import ROOT

FOLDER = ROOT / "scanners"
REQUIREMENTS = [
    line.partition("#")[0].strip()
    for line in (FOLDER / "requirements.txt").read_text().splitlines()
    if line.partition("#")[0].strip()
]
LOCK = (FOLDER / "package-lock.json").read_text()


def test_every_package_from_pypi_is_pinned() -> None:
    assert len(REQUIREMENTS) > 50
    assert [one for one in REQUIREMENTS if not re.fullmatch(r"[\w.-]+==[\w.]+", one)] == []


def test_every_package_from_npm_is_pinned_by_what_it_is_not_by_where() -> None:
    packages = {name: one for name, one in json.loads(LOCK)["packages"].items() if name}

    assert len(packages) > 5
    assert all("integrity" in one or one.get("inBundle") for one in packages.values())
    assert '"resolved"' not in LOCK


def test_what_the_lock_pins_is_what_is_asked_for() -> None:
    wanted = json.loads((FOLDER / "package.json").read_text())["dependencies"]
    packages = json.loads(LOCK)["packages"]

    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert packages[""]["dependencies"] == wanted
    for name, version in wanted.items():
        assert packages[f"node_modules/{name}"]["version"] == version


def test_no_scanner_is_a_requirement_of_the_product() -> None:
    ours = (ROOT / "setup.cfg").read_text()

    for name in takewhile(lambda one: not one.startswith("aiodns"), REQUIREMENTS):
        package = name.partition("==")[0]
        assert not re.search(rf"^\s+{package}\b", ours, re.MULTILINE), package
