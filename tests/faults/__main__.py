"""``python -m tests.faults``: kill ``./deploy.sh`` at every call, let calls fail, and report."""

import argparse
import itertools
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from localaws import LocalAws
from tests.faults.proxy import Call, Fault, Proxy
from tests.faults.runs import Program
from tests.faults.shop import PHASES, Shop, Undisturbed, open_shop, undisturbed
from tests.faults.trials import (
    TROUBLES,
    Trial,
    disturbed,
    first_time,
    killed_and_repeated,
    now_and_then,
)

Row = tuple[str, str, str]
"""The fault, the phase, and the step of the phase if that matters."""
STEPS = ("", "look", "upload", "create", "review", "execute", "delete", "wait", "record")
KILLED = "killed, then run again"


@dataclass
class Report:
    """What became of all trials, by fault and by where it happened."""

    trials: dict[Row, list[Trial]] = field(default_factory=lambda: defaultdict(list))

    def add(self, fault: str, phase: str, trial: Trial, step: str = "") -> None:
        """Add a trial, and tell at once what went wrong in it."""
        self.trials[fault, phase, step].append(trial)
        if trial.wrong:
            _say(f"{fault}, {phase} {step}: {trial.wrong}")

    @property
    def wrong(self) -> int:
        """In how many trials something went wrong."""
        return sum(bool(one.wrong) for made in self.trials.values() for one in made)

    def table(self) -> Iterator[str]:
        """Yield the lines of a Markdown table: how many of how many runs converged."""
        yield f"| Runs that converged | {' | '.join(PHASES)} |"
        yield f"| --- |{' --- |' * len(PHASES)}"
        faults = list(dict.fromkeys(fault for fault, _, _ in self.trials))
        rows = {(fault, step) for fault, _, step in self.trials}
        for fault, step in sorted(
            rows, key=lambda row: (faults.index(row[0]), STEPS.index(row[1]))
        ):
            cells = [self._cell(self.trials.get((fault, phase, step), [])) for phase in PHASES]
            yield f"| {fault}{f': {step}' if step else ''} | {' | '.join(cells)} |"

    def _cell(self, made: Sequence[Trial]) -> str:
        good, hit = sum(not one.wrong for one in made), sum(one.met for one in made)
        calls = f" ({hit} calls hit)" if hit > len(made) else ""
        if hit < len(made):  # how often events are looked at differs from run to run
            calls = f" ({len(made) - hit} ended before)"
        return f"{good} of {len(made)}{calls}" if made else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 1 if something did not converge."""
    given = parser().parse_args(arguments)
    report = Report()
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalAws() as aws,
        Proxy(aws.endpoint_url) as proxy,
        Program(Path(folder)) as program,
    ):

        def new() -> Shop:
            return open_shop(aws, proxy, program)

        peace = undisturbed(new())
        kills = {phase: list(_kills(peace[phase], given.every)) for phase in PHASES}
        for cycle in itertools.zip_longest(*kills.values()):
            shop = new()
            for phase, kill in zip(PHASES, cycle, strict=True):
                if kill is None:  # all steps of this phase are done
                    disturbed(shop, phase, lambda _: None, peace[phase])
                    continue
                step, place, fault = kill
                trial = killed_and_repeated(shop, phase, place, fault, peace[phase])
                report.add(KILLED, phase, trial, step)
        for trouble, seed in itertools.product(TROUBLES, range(given.seeds)):
            shop = new()
            for phase in PHASES:
                script = now_and_then(f"{trouble} {seed}", TROUBLES[trouble])
                trial = disturbed(shop, phase, script, peace[phase])
                report.add(f"{trouble}, a tenth of all calls", phase, trial)
        for fault in _WORDS:
            shop = new()
            for phase in PHASES:
                trial = disturbed(shop, phase, first_time(fault), peace[phase])
                report.add(f"{_WORDS[fault]}, each call once", phase, trial)
    sys.stdout.writelines(f"{line}\n" for line in report.table())
    return min(report.wrong, 1)


_WORDS = {
    Fault.THROTTLED: "throttling",
    Fault.BROKEN: "500",
    Fault.LOST: "reset before it was carried out",
    Fault.UNANSWERED: "carried out, then reset",
    Fault.CUT: "carried out, half an answer",
}


def _kills(peace: Undisturbed, every: int) -> Iterator[tuple[str, tuple[str, int], Fault]]:
    """Yield where to kill a phase: the step, the call, and before or after it is carried out."""
    steps = zip(peace.calls, _steps(peace.calls), strict=True)
    points = [
        (step, call.place, fault)
        for call, step in steps
        for fault in (Fault.KILLED_BEFORE, Fault.KILLED_AFTER)
    ]
    yield from points[::every]


def _steps(calls: Sequence[Call]) -> Iterator[str]:
    """Yield which step of a deployment each call belongs to."""
    step = "look"
    for call in calls:
        match call.operation:
            case "GET Bucket list-type":
                step = "upload"
            case "CreateChangeSet":
                step = "create"
            case "ExecuteChangeSet":
                step = "execute"
            case "DeleteStack":
                step = "delete"
            case "PUT Object" if step == "wait":
                step = "record"
        yield step
        step = {"create": "review", "execute": "wait", "delete": "wait"}.get(step, step)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201  a command line's progress


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    made.add_argument(
        "--every", type=int, default=1, metavar="N", help="kill at each n-th step (default: at all)"
    )
    made.add_argument("--seeds", type=int, default=5, help="so many for each trouble (default: 5)")
    return made


if __name__ == "__main__":
    sys.exit(main())
