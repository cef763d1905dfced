"""What cfn-lint finds in systems, all of it read and by way of the sample that a build reads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from checks.accepted import without_accepted
from checks.findings import Finding
from checks.linting.linter import Linter
from checks.linting.sample import take
from checks.rendering import Rendering

BothWays = tuple[list[Finding], list[Finding]]
"""What is found with ``--full``, and what without."""


def each(systems: Mapping[str, Rendering], cache: Path) -> dict[str, BothWays]:
    """Return what is found in builds of one system each, by name."""
    found = both([[one] for one in systems.values()], cache)
    return dict(zip(systems, found, strict=True))


def both(builds: Sequence[Sequence[Rendering]], cache: Path) -> Iterator[BothWays]:
    """Yield what is found in the systems of each build with ``--full``, and what without.

    What cfn-lint said of a template is remembered in ``cache``. It is started three times at most.
    """
    named = [
        [
            replace(one, system=f"build-{build}", profile=f"system-{nth}")
            for nth, one in enumerate(systems)
        ]
        for build, systems in enumerate(builds)
    ]
    every = [system for systems in named for system in systems]
    with TemporaryDirectory() as folder, Linter(cache) as linter:
        out = Path(folder)
        for system in every:
            (out / system.folder).mkdir(parents=True)
            for name, body in system.files.items():
                (out / system.file(name)).write_bytes(body)
        linter.lint(out, every, full=True)
        samples = [take(systems).templates for systems in named]
        linter._lint(out, {at: one for each in samples for at, one in each.items()}, beside=True)
        for systems in named:
            full = linter.lint(out, systems, full=True)
            yield without_accepted(full), without_accepted(linter.lint(out, systems))
