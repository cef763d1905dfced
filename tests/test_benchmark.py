"""The benchmark measures what there is; what it measures is nobody's test."""

import runpy
from pathlib import Path
from typing import Any

import pytest

from tests.systems_under_test import ROOT


@pytest.fixture(scope="module")
def benchmark() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "benchmarks" / "build.py"))


def test_it_finds_the_templates_where_builds_put_them(
    benchmark: dict[str, Any], tmp_path: Path
) -> None:
    folder = tmp_path / "out" / "shop" / "production"
    folder.mkdir(parents=True)
    with pytest.raises(SystemExit, match="No templates in"):
        benchmark["templates_of"](tmp_path)

    for name in ("parent.json", ".half.json", "prod.overrides.json"):
        (folder / name).touch()
    assert benchmark["templates_of"](tmp_path) == [str(folder / "parent.json")]


def test_it_measures_the_checks_of_both_systems(benchmark: dict[str, Any]) -> None:
    assert benchmark["checks"](ROOT) > 0
