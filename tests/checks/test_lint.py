import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from checks.accepted import without_accepted
from checks.findings import Finding
from checks.linting import process
from checks.linting.linter import Linter, LintError, key
from checks.rendering import Node, Rendering
from tests.checks.templates import a_pair, nested, rendering
from tests.systems_under_test import ROOT


def written(out: Path, system: Rendering) -> Rendering:
    (out / system.system).mkdir(parents=True, exist_ok=True)
    for name, body in system.files.items():
        (out / system.system / name).write_bytes(body)
    return system


def systems() -> Iterator[Rendering]:
    """A right system, and one for each mistake that cfn-lint must see."""
    yield rendering(a_pair(), "right")
    it = a_pair()
    it["parent.json"]["Outputs"]["Name"]["Value"] = {"Fn::GetAtt": ["Child", "Outputs.Nmae"]}
    yield rendering(it, "unknown-output")
    it = a_pair()
    it["parent.json"]["Resources"]["Sibling"] = nested(
        "child.json", Suffix={"Fn::GetAtt": ["Child", "Outputs.Nmae"]}
    )
    yield rendering(it, "unknown-output-passed-on")
    it = a_pair()
    it["parent.json"]["Resources"]["Child"]["Properties"]["Parameters"]["Sufix"] = "x"
    yield rendering(it, "unknown-parameter")
    it = a_pair()
    it["child.json"]["Parameters"]["More"] = {"Type": "String"}
    it["child.json"]["Resources"]["Topic"]["Properties"]["DisplayName"] = {"Ref": "More"}
    yield rendering(it, "missing-parameter")
    it = a_pair()
    it["child.json"]["Resources"]["Topic"]["Properties"]["TopikName"] = "x"
    it["child.json"]["Metadata"] = {"cfn-lint": {"config": {"ignore_checks": ["E3002"]}}}
    yield rendering(it, "excused-by-its-metadata")
    it = a_pair()
    it["child.json"]["Resources"]["Table"] = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
        },
    }
    yield rendering(it, "informational")


class Lint:
    """All those systems, linted once, and what was found."""

    def __init__(self, folder: Path) -> None:
        self.out = folder / "out"
        self.cache = folder / "cache"
        self.systems = [written(self.out, system) for system in systems()]
        with Linter(self.cache) as made:
            self.findings = made.lint(self.out, self.systems)

    def of(self, system: str) -> list[tuple[str, str, str]]:
        """File, rule and path of what was found in one system, but for W3002 and I3011."""
        return [
            (one.file.removeprefix(f"{system}/"), one.rule, one.path)
            for one in self.findings
            if one.file.startswith(f"{system}/")
            and not (one.file.endswith("parent.json") and one.rule in ("W3002", "I3011"))
        ]


@pytest.fixture(scope="module")
def lint(tmp_path_factory: pytest.TempPathFactory) -> Lint:
    """Linted from another folder, by a user whose own settings ignore everything and are wrong."""
    home = tmp_path_factory.mktemp("home")
    downloaded = home / "aws" / "cfn-lint" / "schemas"
    (downloaded / "providers").mkdir(parents=True)
    (downloaded / "providers" / "us-east-1.json").write_text("{}")
    (downloaded / "version.json").write_text('{"schema_date": "2999-01-01"}')
    (home / ".cfnlintrc").write_text("ignore_checks: [E, W, I]\nregions: [nowhere-1]\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        patch.setenv("XDG_CACHE_HOME", str(home))
        patch.setenv("AWS_REGION", "nowhere-1")
        patch.chdir(home)
        return Lint(tmp_path_factory.mktemp("lint"))


def test_finds_nothing_in_a_right_system(lint: Lint) -> None:
    assert lint.of("right") == []


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("unknown-output", ("parent.json", "E6101", "Outputs/Name/Value/Fn::GetAtt/1")),
        (
            "unknown-output-passed-on",
            (
                "parent.json",
                "E1010",
                "Resources/Sibling/Properties/Parameters/Suffix/Fn::GetAtt/1",
            ),
        ),
        (
            "unknown-parameter",
            ("parent.json", "E3043", "Resources/Child/Properties/Parameters/Sufix"),
        ),
        ("missing-parameter", ("parent.json", "E3043", "Resources/Child/Properties/Parameters")),
        (
            "excused-by-its-metadata",
            ("child.json", "E3002", "Resources/Topic/Properties/TopikName"),
        ),
        ("informational", ("child.json", "I3011", "Resources/Table")),
    ],
)
def test_sees_across_the_edge_and_past_every_excuse(
    lint: Lint, system: str, expected: tuple[str, str, str]
) -> None:
    assert expected in lint.of(system)


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent")


@pytest.mark.usefixtures("no_process")
def test_remembers_what_it_found(lint: Lint) -> None:
    with Linter(lint.cache) as made:
        assert made.lint(lint.out, lint.systems) == lint.findings


def key_of(name: str, templates: Mapping[str, Node], version: bytes = b"1") -> str:
    system = rendering(templates)
    return key(version, system, system.templates[name])


def test_a_key_stands_for_the_linter_and_all_that_it_reads() -> None:
    original = key_of("parent.json", a_pair())
    assert key_of("parent.json", a_pair()) == original
    assert key_of("parent.json", a_pair(), b"2") != original
    for part in ("Parameters", "Outputs"):
        templates = a_pair()
        templates["child.json"][part]["Another"] = {"Type": "String"}
        assert key_of("parent.json", templates) != original
    templates = a_pair()
    templates["parent.json"]["Description"] = "another"
    assert key_of("parent.json", templates) != original


def test_a_parent_is_not_linted_again_for_what_happens_inside_its_child() -> None:
    templates = a_pair()
    templates["child.json"]["Resources"]["Topic"]["Properties"]["DisplayName"] = "x"
    assert key_of("parent.json", templates) == key_of("parent.json", a_pair())
    assert key_of("child.json", templates) != key_of("child.json", a_pair())


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize("damage", [b"", b"[[", b"{}", b"[]", b'[["E3002", "Resources", ""]]'])
def test_takes_a_damaged_memory_for_none(lint: Lint, tmp_path: Path, damage: bytes) -> None:
    for entry in lint.cache.iterdir():
        (tmp_path / entry.name).write_bytes(damage)
    with Linter(tmp_path) as made, pytest.raises(FileNotFoundError):
        made.lint(lint.out, lint.systems)


@pytest.fixture
def one_finding(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of cfn-lint a process that finds one thing, in the first of two files."""
    quick = tmp_path_factory.mktemp("bin") / "python"
    quick.write_text("""#!/bin/sh\ncat >/dev/null\necho '[[["E1", "", "x"]], []]'\n""")
    quick.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(quick))


@pytest.mark.usefixtures("one_finding")
def test_forgets_old_results_when_it_learns_new_ones(lint: Lint, tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text("[]")
    (tmp_path / "new.json").write_text("[]")
    os.utime(tmp_path / "old.json", (0, 0))
    with Linter(tmp_path) as made:
        made.lint(lint.out, lint.systems[:1])
    names = {path.name for path in tmp_path.iterdir()}
    assert "old.json" not in names
    assert "new.json" in names
    assert len(names) == 3


def test_says_why_cfn_lint_failed(
    lint: Lint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\ncat >/dev/null\necho no memory >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    with (
        Linter(tmp_path / "cache") as made,
        pytest.raises(LintError, match="cfn-lint failed: no memory"),
    ):
        made.lint(lint.out, lint.systems)


def test_ends_its_process_when_nothing_is_linted_after_all(tmp_path: Path) -> None:
    with Linter(tmp_path) as made:
        process = made._process
        assert process is not None
    assert process.poll() is not None


def test_ends_its_process_when_linting_is_interrupted(
    lint: Lint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with Linter(tmp_path) as made:
        process = made._process
        assert process is not None
        with monkeypatch.context() as patch:
            patch.setattr(process, "communicate", interrupted)
            with pytest.raises(KeyboardInterrupt):
                made.lint(lint.out, lint.systems)
    assert process.poll() is not None


@pytest.mark.usefixtures("one_finding")
def test_remembers_nothing_where_it_may_not_write(lint: Lint, tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with Linter(tmp_path / "taken" / "cache") as made:
        found = made.lint(lint.out, lint.systems[:1])
    assert [one.rule for one in found] == ["E1"]


@pytest.mark.slow(reason="starts cfn-lint twice")
def test_finds_the_same_where_fields_of_classes_are_not_remembered(lint: Lint) -> None:
    files = [str(lint.out / system.file(name)) for system in lint.systems for name in system.files]
    without = "from checks.linting import process as it; it._remember_fields = int; it.main()"
    found = [
        subprocess.run(  # noqa: S603 - our own command
            [sys.executable, *how],
            input=json.dumps([files, 0]),
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        ).stdout
        for how in (["-m", "checks.linting.process"], ["-c", without])
    ]
    assert len(json.loads(found[0])) == len(files)
    assert found[0] == found[1]


@pytest.mark.parametrize(("processors", "left"), [(1, 0), (1, 1), (2, 1)])
def test_finds_the_same_on_one_processor(
    lint: Lint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, processors: int, left: int
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(process, "processors", lambda: processors)
    monkeypatch.setattr(multiprocessing, "get_context", lambda _: pytest.fail("more than one"))
    files = [lint.out / system.file(name) for system in lint.systems for name in system.files]
    found = process.lint_all([str(file) for file in files], left)
    flat = [
        Finding(str(file.relative_to(lint.out)), path, rule, message)
        for file, matches in zip(files, found, strict=True)
        for rule, path, message in json.loads(json.dumps(matches))
    ]
    assert sorted(flat) == sorted(lint.findings)


def test_what_was_right_is_read_no_more_and_what_was_not_is_found_again(tmp_path: Path) -> None:
    def found(one: Rendering) -> list[Finding]:
        with Linter(tmp_path / "cache") as made:
            return without_accepted(made.lint(tmp_path / "out", [written(tmp_path / "out", one)]))

    right, other, wrong = a_pair(), a_pair(), a_pair()
    for one in (right, other, wrong):
        policies = {"DeletionPolicy": "Delete", "UpdateReplacePolicy": "Delete"}
        one["parent.json"]["Resources"]["Child"] |= policies
    other["child.json"]["Resources"]["Topic"]["Properties"]["DisplayName"] = "Other"
    wrong["child.json"]["Resources"]["Topic"]["Properties"]["TopikName"] = "x"
    assert found(rendering(right, "shop")) == []
    with Linter(tmp_path / "cache") as made:
        assert not made.sample([rendering(right, "shop")]).templates
        changed = made.sample([rendering(other, "shop")]).templates
        assert {name for _, name in changed} == {"child.json"}
    first = found(rendering(wrong, "shop"))
    assert [one.rule for one in first] == ["E3002"]
    assert found(rendering(wrong, "shop")) == first
    assert found(rendering(right, "shop")) == []
