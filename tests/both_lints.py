"""What cfn-lint finds in systems, all of it read and by way of the sample that a build reads."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from checks.accepted import without_accepted
from checks.findings import Finding
from checks.lint import Linter
from checks.rendering import Rendering
from checks.sample import take


def both(
    systems: Sequence[Rendering], cache: Path
) -> Iterator[tuple[list[Finding], list[Finding]]]:
    """Yield what is found in each system with ``--full``, and what is found without.

    What cfn-lint said of a template is remembered in ``cache``. It is started three times at most.
    """
    named = [replace(one, system=f"system-{nth}", profile="") for nth, one in enumerate(systems)]
    with TemporaryDirectory() as folder, Linter(cache) as linter:
        out = Path(folder)
        for system in named:
            (out / system.folder).mkdir()
            for name, body in system.files.items():
                (out / system.file(name)).write_bytes(body)
        linter.lint(out, named, full=True)
        samples = [take([system]).templates for system in named]
        linter._lint(out, {at: one for each in samples for at, one in each.items()}, beside=True)
        for system in named:
            full = linter.lint(out, [system], full=True)
            yield without_accepted(full), without_accepted(linter.lint(out, [system]))
