"""Who may notice a mutant: the tests of templates, run over the mutant in one process.

pytest collects them once. Then each mutant takes the place of its system in
``tests.systems_under_test``, and the tests that look at that system run until one fails. A test
that also fails where nothing but a text for people changed compares templates as a whole, as a
golden file does, and is not asked.
"""

import contextlib
import io
from collections.abc import Iterable, Iterator, Sequence

import pytest
from _pytest.runner import runtestprotocol

from tests import systems_under_test
from tests.mutation.mutant import Mutant, Planted, Subject
from tests.systems_under_test import ROOT

FOLDERS = ("tests/templates",)
"""Where the tests of templates are."""


class UnitTests:
    """The tests of templates, as a plugin of the pytest that runs them."""

    def __init__(self, work: Iterable[tuple[Subject, Mutant]]) -> None:
        self._work = work
        self._look_at: dict[str, list[pytest.Item]] = {}
        self._reads: dict[pytest.Item, set[str]] = {}
        self.noticed: dict[tuple[str, Mutant], str] = {}
        self.asked: dict[str, int] = {}
        """How many tests look at each system."""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests for each mutant, instead of once."""
        for subject, mutant in self._work:
            if subject.name not in self._look_at:
                self._look_at[subject.name] = self._that_judge(subject, session.items)
                self.asked[subject.name] = len(self._look_at[subject.name])
            items = self._look_at[subject.name]
            first = self._first_failing(items, subject, Planted(subject.rendering, mutant))
            if first is not None:
                self.noticed[subject.name, mutant] = first.nodeid
                items.remove(first)  # what notices one often notices the next
                items.insert(0, first)
        return True

    def _that_judge(self, subject: Subject, items: Sequence[pytest.Item]) -> list[pytest.Item]:
        """Return the tests that look at a system, but those that compare it as a whole."""
        self._reads = self._reads or {item: _looked_at(item) for item in items}
        control = _control(subject)
        looking = [item for item, names in self._reads.items() if subject.name in names]
        with _planted(subject, control):
            return [item for item in looking if not _fails(item)]

    def _first_failing(
        self, items: Sequence[pytest.Item], subject: Subject, planted: Planted
    ) -> pytest.Item | None:
        with _planted(subject, planted):
            return next((item for item in items if _fails(item)), None)


def ask(work: Iterable[tuple[Subject, Mutant]]) -> UnitTests:
    """Return which tests notice which mutants."""
    plugin = UnitTests(work)
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header", "--no-summary"]
    folders = [str(ROOT / folder) for folder in FOLDERS]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = pytest.main([*options, *folders], plugins=[plugin])
    if code != pytest.ExitCode.OK:
        raise RuntimeError(f"pytest ended with {code}: {out.getvalue()[-500:]}")
    return plugin


def _control(subject: Subject) -> Planted:
    """Return the system with other descriptions of its templates: no defect at all."""
    edits = ((("Description",), "Something else"),)
    files = list(subject.templates)
    planted = Planted(subject.rendering, Mutant("control", "", files[0], (), edits))
    for file in files[1:]:
        planted = Planted(planted, Mutant("control", "", file, (), edits))
    return planted


@contextlib.contextmanager
def _planted(subject: Subject, planted: Planted) -> Iterator[None]:
    systems_under_test.PLANTED[subject.name] = planted
    try:
        yield
    finally:
        del systems_under_test.PLANTED[subject.name]


class _Watch(dict[str, object]):
    """Sees which systems are asked for."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def get(self, key: str, default: object = None) -> object:
        self.seen.add(key)
        return default


def _looked_at(item: pytest.Item) -> set[str]:
    watch, before = _Watch(), systems_under_test.PLANTED
    systems_under_test.PLANTED = watch  # type: ignore[assignment]
    try:
        assert not _fails(item), f"{item.nodeid} fails without any defect"
    finally:
        systems_under_test.PLANTED = before
    return watch.seen


def _fails(item: pytest.Item) -> bool:
    reports = runtestprotocol(item, log=False)
    return any(report.failed for report in reports)
