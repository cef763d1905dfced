"""The tables that lead from the reference texts to the templates and tests have not rotted."""

import ast
import json
import re
from functools import cache
from pathlib import Path

import pytest

from tests.resolved import deployed
from tests.systems_under_test import REFERENCES, ROOT, rendered

ROW = re.compile(
    r"^\| (?!Line of the text)(?P<line>[^|]+) \| (?P<where>[^|]+) \| `(?P<test>[^`]+)` \|$"
)
PLACE = re.compile(r"(?P<kind>parameter |output )?`(?P<name>[^`]+)`")


@cache
def rows(system: str) -> list[re.Match[str]]:
    text = (ROOT / "docs" / f"coverage-{system}.md").read_text()
    table = [line for line in text.splitlines() if line.startswith("| ")]
    found = [ROW.match(line) for line in table if not line.startswith("| Line of the text")]
    assert all(found), "a row that is not: line, where, test"
    return [row for row in found if row]


@cache
def functions_in(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize("system", REFERENCES)
def test_every_test_of_a_table_exists(system: str) -> None:
    missing = []
    for row in rows(system):
        file, _, name = row["test"].partition("::")
        path = ROOT / "tests" / file
        if not path.is_file() or name not in functions_in(path):
            missing.append(row["test"])

    assert len(rows(system)) > 30
    assert missing == []


@pytest.mark.parametrize("system", REFERENCES)
def test_every_place_of_a_table_exists(system: str) -> None:
    parent = rendered(system).templates["parent.json"]
    missing = []
    for row in rows(system):
        place = PLACE.search(row["where"])
        assert place, row["where"]
        match place["kind"]:
            case "parameter ":
                there = place["name"] in parent["Parameters"]
            case "output ":
                there = place["name"] in parent["Outputs"]
            case _:
                there = place["name"] in deployed(system) or (ROOT / place["name"]).is_file()
        if not there:
            missing.append(row["where"])

    assert missing == []


def test_production_of_payments_is_tagged_as_its_text_says() -> None:
    file = json.loads((ROOT / "parameters" / "payments-prod.json").read_text())

    assert file["Tags"]["Environment"] == "production"
