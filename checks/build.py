"""The build: descriptions to checked templates and parameter files in ``out/``."""

import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from checks import parameters
from checks.accepted import without_accepted
from checks.findings import Finding
from checks.judge import judge
from checks.linting.linter import Linter
from checks.memory import replace
from checks.parameter_files import ParameterFile, read_all
from checks.rendering import Rendering
from checks.verdict import PACKAGED
from description.files import descriptions

if TYPE_CHECKING:
    from checks.reachability import Reach
    from description.model import System

PARENT = "parent.json"


class UnknownSystemError(Exception):
    """A system was asked for that has no description."""


@dataclass(frozen=True)
class Project:
    """Where a project's files are."""

    root: Path

    @property
    def systems(self) -> Path:
        """The folder of the descriptions."""
        return self.root / "systems"

    @property
    def parameters(self) -> Path:
        """The folder of the parameter files."""
        return self.root / "parameters"

    @property
    def out(self) -> Path:
        """The folder that builds are written to unless another one is given."""
        return self.root / "out"

    @property
    def cache(self) -> Path:
        """The folder that remembers what cfn-lint found."""
        return self.root / ".cache" / "lint"


@dataclass(frozen=True)
class Build:
    """What was built and what is wrong with it."""

    out: Path
    systems: tuple[Rendering, ...]
    described: "tuple[System, ...]"
    """Their descriptions."""
    parameter_files: tuple[ParameterFile, ...]
    """The parameter files of these systems."""
    reaches: "tuple[Reach, ...]"
    """Who reaches whom, for each system and environment."""
    found: tuple[Finding, ...]
    """All that the checks found, what is accepted included."""

    @cached_property
    def findings(self) -> list[Finding]:
        """What is wrong and not accepted."""
        return without_accepted(self.found)


def build(
    project: Project,
    names: Sequence[str] = (),
    out: Path | None = None,
    *,
    full: bool = False,
    changed: bool = False,
) -> Build:
    """Render, write and check the systems called ``names``; all of the project if none is named.
    With ``full``, cfn-lint reads every template, also those that are like others.
    Who knows that something has ``changed`` since the last build waits less for cfn-lint.

    Writes ``<out>/<system>/<profile>/``: every template, and ``<environment>.overrides.json`` for
    every parameter file of an environment of that profile. A file that is right already is
    not touched, one that is no longer rendered is removed. Writes nothing if a description has a
    mistake.

    Raises ``UnknownSystemError``, ``description.load.DescriptionError`` and
    ``checks.linting.linter.LintError``.
    """
    out = project.out if out is None else out
    found: list[Finding] = []
    reaches: list[Reach] = []
    with Linter(project.cache, ahead=changed) as linter, ThreadPoolExecutor(1) as beside:
        described = describe(project, names)
        systems = [_rendered(one) for one in described]
        every_name = [path.stem for path in descriptions(project.systems)]
        files = read_all(project.parameters, every_name)
        mistakes: dict[ParameterFile, list[Finding]] = {}
        right: dict[Rendering, list[ParameterFile]] = {}
        for system, description in zip(systems, described, strict=True):
            own_files = [file for file in files if is_for(file, description)]
            for file in own_files:
                mistakes[file] = parameters.check(file, system.templates[PARENT])
            right[system] = [file for file in own_files if not mistakes[file]]
            write(out / system.folder, system, right[system])
        # What takes time of this process is not done beside: its threads take turns.
        sample = None if full else linter.sample(systems)
        linted = beside.submit(linter.lint, out, systems, full=full, sample=sample)
        for system, description in zip(systems, described, strict=True):
            verdict = judge(system, description, right[system])
            found += verdict.findings
            reaches += verdict.reaches
        found += linted.result()
    found += [one for file in mistakes for one in mistakes[file]]
    found += [
        file.finding((), "E9401", f"is for no system: it must begin with {' or '.join(every_name)}")
        for file in files
        if not file.system and not names
    ]
    return Build(
        out, tuple(systems), tuple(described), tuple(mistakes), tuple(reaches), tuple(found)
    )


def render(project: Project, names: Sequence[str] = ()) -> list[Rendering]:
    """Return the templates of the systems called ``names``, or of all, in order of name; of each
    for every profile that is in use.
    """
    return [_rendered(system) for system in describe(project, names)]


def describe(project: Project, names: Sequence[str] = ()) -> "list[System]":
    """Return the descriptions of the systems called ``names``, or of all, in order of name; each
    for every profile that is in use.
    """
    paths = {path.stem: path for path in descriptions(project.systems)}
    if unknown := sorted(set(names) - paths.keys()):
        raise UnknownSystemError(
            f"No such system: {', '.join(unknown)}. "
            f"{project.systems.name}/ describes {', '.join(sorted(paths)) or 'none'}."
        )
    # Imported here and below, when cfn-lint may already be loading in its own process.
    from description.load import load_all, load_each

    if not names:
        return load_all(project.systems)
    return load_each(paths[name] for name in sorted(set(names)))


def is_for(file: ParameterFile, system: "System") -> bool:
    """Return whether a parameter file is for an environment that has the fields of ``system``."""
    return file.system == system.name and system.profile_of(file.environment) is system.profile


def _rendered(system: "System") -> Rendering:
    from templates.render import render as templates

    names = (*system.services, *system.secrets)
    return Rendering(system.name, templates(system), system.profile.value, names)


def write(folder: Path, system: Rendering, files: Iterable[ParameterFile]) -> None:
    """Make ``folder`` hold the system's templates and its parameters as overrides, nothing else.

    What was uploaded before stays as long as it is what would be uploaded now.
    """
    wanted = dict(system.files)
    for file in files:
        overrides = json.dumps(file.overrides, indent=1, ensure_ascii=False) + "\n"
        wanted[f"{file.environment}.overrides.json"] = overrides.encode()
    folder.mkdir(parents=True, exist_ok=True)
    present = {path.name: path for path in folder.glob("*.json")}
    changed = {name for name, body in wanted.items() if not _holds(present.get(name), body)}
    for name in changed:
        replace(folder / name, wanted[name])
    if not changed & system.files.keys():
        present.pop(PACKAGED, None)
    for name in present.keys() - wanted.keys():
        present[name].unlink()


def _holds(path: Path | None, body: bytes) -> bool:
    return path is not None and path.read_bytes() == body
