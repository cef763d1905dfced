"""The benchmarks measure what they say; what they measure is nobody's test."""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as program
from benchmarks import contenders, plain, report
from benchmarks.contenders import (
    CFN_LINT,
    CHANGED,
    FIRST,
    FULL,
    NOTHING,
    PLAIN,
    Contest,
    Deployment,
    Peers,
)
from benchmarks.measure import Cost, FailedError, median, ratio, run
from benchmarks.report import Measured
from tests import many
from tests.systems_under_test import REFERENCES, ROOT, rendered

PAGE = ROOT / "docs" / "benchmarks.md"
NOBODY = Peers(None, None)
BUSY = "import time\nend = time.process_time() + 0.2\nwhile time.process_time() < end: pass"


def test_a_cost_has_what_all_processes_of_a_command_use() -> None:
    several = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"
    assert run([sys.executable, "-c", several]).cpu > 0.2


def test_a_command_that_fails_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FailedError, match="exit 3: "):
        run([sys.executable, "-c", "raise SystemExit(3)"])
    assert run([sys.executable, "-c", "raise SystemExit(3)"], right=(3,)).wall > 0
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    kept = "import os; assert 'PYTHONDONTWRITEBYTECODE' not in os.environ and os.environ['MORE']"
    assert run([sys.executable, "-c", kept], {"MORE": "1"}).cpu > 0


def test_a_ratio_is_the_median_of_the_rounds_and_not_of_the_times() -> None:
    ours, theirs = [Cost(1, 10), Cost(8, 10), Cost(2, 10)], [Cost(2, 5), Cost(2, 5), Cost(2, 5)]
    assert ratio(ours, theirs, "wall") == 1
    assert ratio(ours, theirs, "cpu") == 2
    assert median(ours, "wall") == 2


@pytest.mark.parametrize("name", [*REFERENCES, f"{REFERENCES[0]}/development"])
def test_plain_troposphere_makes_the_same_templates(name: str) -> None:
    templates = rendered(name).templates
    made: dict[str, Any] = {}
    exec(compile(plain.module(templates), "plain", "exec"), made)  # noqa: S102 - written here
    assert made["main"]().keys() == templates.keys()
    for file, build in made["main"]().items():
        assert plain.same(build().to_json(), templates[file]), file
    made["write"]()


def test_a_round_measures_each_once_and_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[list[str], bool, str]] = []

    def watched(command: list[Any], *_: Any, **__: Any) -> Cost:
        words = [str(word) for word in command]
        seen.append((words, (tmp_path / "out").exists(), description.read_text()))
        (tmp_path / "out").mkdir(exist_ok=True)
        return Cost(1, 1)

    description = tmp_path / "systems" / "many.yaml"
    monkeypatch.setattr(contenders, "run", watched)
    with Contest(tmp_path, 2, NOBODY) as contest:
        names = [name for name, _ in contest.round()]
        assert len(contest.templates) > 4
    assert names == [FULL, FIRST, CHANGED, NOTHING, PLAIN, CFN_LINT]
    commands, built_before, texts = zip(*seen, strict=True)
    assert ["--full" in words for words in commands[:4]] == [True, False, False, False]
    assert built_before[:4] == (False, False, True, True)
    assert texts[0] == texts[1] != texts[2] == texts[3]


def test_the_plain_module_of_a_contest_runs(tmp_path: Path) -> None:
    with Contest(tmp_path, 1, NOBODY):
        command = [sys.executable, "-c", "import plain_system; plain_system.write()"]
        assert run(command, {"PYTHONPATH": str(tmp_path)}).cpu > 0


def test_the_deployment_of_a_contest_is_that_of_its_system(tmp_path: Path) -> None:
    with Contest(tmp_path, 1, NOBODY) as contest:
        took = contest.deployment()
        built = [json.loads(body) for body in contest._rendering.files.values()]
    assert took.resources == sum(len(template["Resources"]) for template in built)
    assert took.bound < took.makespan < took.plain


def test_a_deployment_in_waves_is_not_simulated() -> None:
    one = Measured(300, 308, {}, Deployment(2_501, 300, 600, 250))
    assert list(report.deployments([one]))[-1] == "| 300 | 2,501 | in waves | | |"


def test_a_system_that_cannot_be_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match=r"^501 services: .* Found: 501\. Allowed: 300 services"):
        Contest(tmp_path, 501, NOBODY)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no page to write to: {folder}/benchmarks.md: No such file or directory"),
        ("a page\n", "must have lines <!-- measured --> and <!-- end -->"),
        ("<!-- measured -->\n", "must have lines <!-- measured --> and <!-- end -->"),
    ],
)
def test_a_page_that_cannot_be_written_is_bad_input_before_anything_is_measured(
    text: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is not None:
        (tmp_path / "benchmarks.md").write_text(text)
    with pytest.raises(SystemExit) as end:
        program.main(["--services", "3", "--rounds", "1", "--write", str(tmp_path)])
    assert end.value.code == 2
    assert said.format(folder=tmp_path) in capsys.readouterr().err


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures that nobody has measured."""

    def measure(services: int, rounds: int, _: Peers) -> Measured:
        if services > 100:
            raise FailedError(f"{services} services: are too many")
        costs = {NOTHING: [Cost(1, 1)] * rounds, PLAIN: [Cost(2, 4)] * rounds}
        return Measured(services, services + 5, costs, Deployment(400, 300, 600, 250))

    monkeypatch.setattr(program, "measure", measure)
    monkeypatch.setattr(Peers, "found", lambda: NOBODY)


@pytest.mark.usefixtures("measured")
def test_the_table_has_ratios_and_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "benchmarks.md").write_text("before\n<!-- measured -->\nold\n<!-- end -->\nafter\n")
    words = ["--services", "3", "--services", "300", "--rounds", "2", "--write", str(tmp_path)]
    assert program.main(words) == 1
    out, err = capsys.readouterr()
    row = "| 3 | 8 | nothing changed | plain troposphere | 1.00 | 1.00 | 0.50 | 0.25 |"
    assert f"{row} wall below 3: met |" in out
    assert "| 3 | 400 | 300 | 0.50 | 1.20 |" in out
    assert "Not installed here: cloudformation-validate, aws cloudformation package." in out
    assert f"{os.uname().nodename} " not in out
    assert "Not measured: 300 services: are too many" in err
    page = (tmp_path / "benchmarks.md").read_text()
    assert page.startswith("before\n<!-- measured -->\n\nMeasured on ")
    assert page.endswith("<!-- end -->\nafter\n")
    assert out in page
    assert "old" not in page
    assert (tmp_path / "benchmarks.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("services", "ours", "theirs", "took", "said"),
    [
        (3, NOTHING, PLAIN, Cost(2.9, 9), "wall below 3: met"),
        (30, NOTHING, PLAIN, Cost(3.0, 1), "wall below 3: missed"),
        (3, FIRST, CFN_LINT, Cost(0.9, 9), "wall below 1: met"),
        (3, FIRST, CFN_LINT, Cost(1.1, 0), "wall below 1: missed"),
        (300, FIRST, CFN_LINT, Cost(9, 0.09), "cpu below 0.1: met"),
        (300, FIRST, CFN_LINT, Cost(0, 0.101), "cpu below 0.1: missed"),
        (30, FIRST, CFN_LINT, Cost(9, 9), ""),
        (3, CHANGED, CFN_LINT, Cost(9, 9), ""),
        (300, FULL, CFN_LINT, Cost(9, 9), ""),
    ],
)
def test_a_row_says_whether_it_has_met_its_target(
    services: int, ours: str, theirs: str, took: Cost, said: str
) -> None:
    costs = {ours: [took], theirs: [Cost(1, 1)]}
    one = Measured(services, 8, costs, Deployment(400, 300, 600, 250))
    (row,) = list(report.table([one]))[2:]
    assert row.split("|")[-2].strip() == said
    assert row.count("|") == next(report.table([])).count("|")


def test_large_systems_are_measured_twice_unless_once_is_enough(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: dict[int, list[int]] = {}

    def measure(services: int, rounds: int, _: Peers) -> Measured:
        asked.setdefault(services, []).append(rounds)
        return Measured(services, 8, {}, Deployment(400, 300, 600, 250))

    monkeypatch.setattr(program, "measure", measure)
    assert program.main([]) == 0
    assert "medians of 3 rounds, of 2 for more than 30 services." in capsys.readouterr().out
    assert program.main(["--rounds", "1"]) == 0
    assert "medians of 1 round." in capsys.readouterr().out
    assert asked == {3: [3, 1], 30: [3, 1], 100: [2, 1], 300: [2, 1]}


@pytest.mark.slow(reason="renders systems of up to 300 services")
def test_the_page_is_of_templates_as_they_are_now() -> None:
    rows = re.findall(r"^\| (\d+) \| (\d+) \| nothing changed \|", PAGE.read_text(), re.MULTILINE)
    measured = {int(services): int(templates) for services, templates in rows}
    assert measured.keys() == set(program.SIZES)
    now = {services: len(many.rendered(services).files) for services in measured}
    assert measured == now, "Measure again: python -m benchmarks --write docs"


def test_the_first_deployments_on_the_page_are_those_of_the_simulation() -> None:
    now = [
        Measured(services, 0, {}, contenders.deployment(many.rendered(services)))
        for services in program.SIZES
    ]
    table = "\n".join(report.deployments(now))
    assert f"\n{table}\n" in PAGE.read_text(), f"Put this on the page:\n{table}"


@pytest.mark.parametrize("words", ["--services 0", "--services many", "--rounds -1"])
def test_fewer_than_one_service_or_round_is_bad_input(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        program.main(words.split())
    assert end.value.code == 2
    assert "must be a number from 1 on" in capsys.readouterr().err


def test_without_matplotlib_there_is_no_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert not report.picture([], tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()
