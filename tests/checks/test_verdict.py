import os
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks import verdict
from checks.memory import Memory
from checks.verdict import Said, Verdict

SAID = Said(1, "parent.json 4 resources\n")


@dataclass(frozen=True)
class Place:
    """A project, our code and a folder of packages, all of them small."""

    project: Path
    packages: Path

    @property
    def out(self) -> Path:
        """What was built."""
        return self.project / "out"

    def verdict(self, *words: str) -> Verdict:
        """The verdict as a build of today sees it."""
        return Verdict(self.project, self.out, words)

    def write(self, name: str, text: str = "else") -> None:
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def lock(self, name: str) -> None:
        """Make the link to nothing by which Emacs says who edits a file."""
        path = self.project / name
        path.with_name(f".#{path.name}").symlink_to("somebody@somewhere.4711:1700000000")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place(tmp_path, tmp_path / "site-packages")
    for name in (
        "build.py",
        "checks/accepted.py",
        "delivery/launch.py",
        "description/prices.yaml",
        "templates/deep/network.py",
        "systems/shop.yaml",
        "parameters/shop-dev.json",
        "out/shop/production/parent.json",
        "out/shop/production/dev.overrides.json",
        "site-packages/troposphere-4.11.1.dist-info/RECORD",
    ):
        made.write(name, name)
    monkeypatch.setattr(verdict, "CODE", tmp_path)
    monkeypatch.setattr(sys, "path", [str(made.packages), *sys.path])
    return made


@pytest.fixture
def built(place: Place) -> Place:
    place.verdict().remember(SAID, ["shop/production"])
    return place


def test_what_a_build_said_is_said_again_while_nothing_has_changed(built: Place) -> None:
    assert built.verdict().recall() == SAID


def touch(path: Path) -> None:
    state = path.stat()
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))


CHANGES: dict[str, Callable[[Place], object]] = {
    "a description": lambda it: it.write("systems/shop.yaml"),
    "another description": lambda it: it.write("systems/pay.yml"),
    "one description less": lambda it: (it.project / "systems/shop.yaml").unlink(),
    "a description's name": lambda it: (it.project / "systems/shop.yaml").rename(
        it.project / "systems/shpo.yaml"
    ),
    "a parameter file": lambda it: it.write("parameters/shop-dev.json"),
    "another parameter file": lambda it: it.write("parameters/shop-prod.json"),
    "what is accepted": lambda it: it.write("checks/accepted.py"),
    "the entry point": lambda it: it.write("build.py"),
    "a module that hides a package": lambda it: it.write("yaml.py"),
    "a package that hides another": lambda it: it.write("troposphere/__init__.py"),
    "a stack": lambda it: it.write("templates/deep/network.py"),
    "another module": lambda it: it.write("templates/deep/edge.py"),
    "data beside code": lambda it: it.write("description/prices.yaml"),
    "an installed version": lambda it: (it.packages / "troposphere-4.11.1.dist-info").rename(
        it.packages / "troposphere-4.11.2.dist-info"
    ),
    "another package": lambda it: it.write("site-packages/cfn_lint-1.58.0.dist-info/RECORD"),
    "the same version, installed again": lambda it: touch(
        it.packages / "troposphere-4.11.1.dist-info" / "RECORD"
    ),
    "what was built": lambda it: it.write("out/shop/production/parent.json"),
    "one template less": lambda it: (it.out / "shop/production/parent.json").unlink(),
    "a template too much": lambda it: it.write("out/shop/production/former.json"),
    "nothing is left of it": lambda it: shutil.rmtree(it.out),
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_not_said_again_when_anything_has_changed(built: Place, change: str) -> None:
    CHANGES[change](built)
    assert built.verdict().recall() is None


@pytest.mark.parametrize("what", ["version", "platform"])
def test_another_python_asks_again(
    built: Place, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(sys, what, "another")
    assert built.verdict().recall() is None


def test_packages_from_another_place_ask_again(
    built: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    assert built.verdict().recall() is None


def test_another_question_has_another_answer(built: Place) -> None:
    assert built.verdict("shop").recall() is None
    assert Verdict(built.project, built.project / "elsewhere", ()).recall() is None


BESIDE: dict[str, Callable[[Place], object]] = {
    "what was uploaded": lambda it: it.write("out/shop/production/packaged.json"),
    "what Python compiled": lambda it: it.write("checks/__pycache__/accepted.cpython-311.pyc"),
    "when a file was written": lambda it: touch(it.project / "systems" / "shop.yaml"),
    "a folder beside descriptions": lambda it: it.write("systems/archive/shop.yaml"),
    "a folder beside parameter files": lambda it: it.write("parameters/archive/shop-dev.json"),
    "what is no description": lambda it: it.write("systems/system.schema.json"),
    "what is no parameter file": lambda it: it.write("parameters/README.md"),
    "what Vim keeps beside a description": lambda it: it.write("systems/.shop.yaml.swp"),
    "a hidden description": lambda it: it.write("systems/._shop.yaml"),
    "Emacs's lock of a description": lambda it: it.lock("systems/shop.yaml"),
    "Emacs's lock of a parameter file": lambda it: it.lock("parameters/shop-dev.json"),
    "Emacs's lock of a module": lambda it: it.lock("checks/accepted.py"),
}


@pytest.mark.parametrize("beside", BESIDE)
def test_what_no_build_reads_changes_nothing(built: Place, beside: str) -> None:
    BESIDE[beside](built)
    assert built.verdict().recall() == SAID


@pytest.mark.parametrize("text", ["else", "systems/shop.yaml"])
def test_what_changes_during_a_build_leaves_its_verdict_unknown(place: Place, text: str) -> None:
    """Also where it is changed back: the build may have seen it in between."""
    building = place.verdict()
    (place.project / "systems" / "shop.yaml").unlink()
    place.write("systems/shop.yaml", text)
    building.remember(SAID, ["shop/production"])
    assert place.verdict().recall() is None


@pytest.mark.parametrize("damage", [b"", b"\n", b"[[", b"{}", b"\n{}", None])
def test_a_damaged_verdict_is_unknown_and_written_anew(built: Place, damage: bytes | None) -> None:
    (file,) = (built.project / ".cache" / "build").iterdir()
    body = file.read_bytes()
    file.write_bytes(body.replace(b"4 resources", b"5 resources") if damage is None else damage)
    assert built.verdict().recall() is None
    built.verdict().remember(SAID, ["shop/production"])
    assert built.verdict().recall() == SAID
    assert file.read_bytes() == body


def test_what_cannot_be_read_is_left_to_the_build(built: Place) -> None:
    (built.project / "systems" / "gone.yaml").symlink_to("nowhere")
    building = built.verdict()
    assert building.recall() is None
    building.remember(SAID, ["shop/production"])
    assert built.verdict().recall() is None


def test_builds_beside_one_another_never_see_half_of_what_is_remembered(tmp_path: Path) -> None:
    values = [[number] * 20_000 for number in range(4)]

    def write(value: list[int]) -> None:
        for _ in range(10):
            Memory(tmp_path).remember({"key": value})

    def read(_: object) -> bool:
        return all(Memory(tmp_path).recall("key") in values for _ in range(20))

    Memory(tmp_path).remember({"key": values[0]})
    with ThreadPoolExecutor() as pool:
        writing, reading = pool.map(write, values), pool.map(read, range(4))
        assert all(reading)
        list(writing)
    assert [path.name for path in tmp_path.iterdir()] == ["key.json"]
