"""What became of the mutants, by area and by kind."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from tests.mutation.run import CHECKS, LINT, NOBODY, TESTS, Result
from tests.mutation.survivors import SURVIVORS, explained

JUDGES = (CHECKS, TESTS, LINT, NOBODY)
HEAD = ("planted", *JUDGES, "noticed")


def noticed(results: Sequence[Result]) -> float:
    """Return the share of mutants that somebody notices."""
    return sum(one.judge != NOBODY for one in results) / len(results)


def tables(results: Sequence[Result]) -> Iterator[str]:
    """Yield the lines of one table by area, with a total, and one by kind, in Markdown."""
    yield from _table("area", results, lambda one: one.mutant.area, total=True)
    yield ""
    yield from _table("kind of defect", results, lambda one: one.mutant.kind)


def _table(
    title: str, results: Sequence[Result], by: Callable[[Result], str], *, total: bool = False
) -> Iterator[str]:
    groups: dict[str, list[Result]] = {}
    for one in results:
        groups.setdefault(by(one), []).append(one)
    yield f"| {' | '.join((title, *HEAD))} |"
    yield f"|{' --- |'}{' ---: |' * len(HEAD)}"
    for name, group in sorted(groups.items()):
        yield _row(name, group)
    if total:
        yield _row("all", results)


def _row(name: str, results: Sequence[Result]) -> str:
    counts = Counter(one.judge for one in results)
    cells = (len(results), *(counts[judge] for judge in JUDGES))
    numbers = " | ".join(f"{number:,}" for number in cells)
    return f"| {name} | {numbers} | {noticed(results):.1%} |"


def survivors(results: Iterable[Result]) -> Iterator[str]:
    """Yield the survivors, by kind, those that nobody has explained first."""
    left = [one for one in results if one.judge == NOBODY]
    for title, group in (
        ("not explained", [one for one in left if not explained(one.mutant)]),
        ("explained in survivors.py", [one for one in left if explained(one.mutant)]),
    ):
        yield f"Survivors, {title}: {len(group)}"
        for one in sorted(group, key=lambda one: (one.mutant.kind, one.address)):
            yield f"  {one.mutant.kind}: {one.address} ({one.mutant.detail})"


def wrong_entries(results: Sequence[Result]) -> Iterator[str]:
    """Yield the entries of ``survivors.py`` that cover a mutant which somebody notices."""
    for entry in SURVIVORS:
        for one in results:
            if one.judge != NOBODY and entry.covers(one.mutant):
                yield f"{entry.kind}: {entry.address} covers {one.mutant}, noticed by {one.by}"


def as_json(results: Sequence[Result]) -> str:
    """Return every mutant and who noticed it, for programs."""
    return json.dumps(
        [
            {
                "subject": one.subject,
                "kind": one.mutant.kind,
                "area": one.mutant.area,
                "file": one.mutant.file,
                "path": list(one.mutant.path),
                "detail": one.mutant.detail,
                "judge": one.judge,
                "by": one.by,
            }
            for one in results
        ],
        indent=1,
    )
