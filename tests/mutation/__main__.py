"""``python -m tests.mutation``: plant defects in rendered templates and report who notices them."""

import argparse
import sys
from collections.abc import Sequence

from scanners.findings import ScanError
from tests.mutation import report, shortcut, validate
from tests.mutation.areas import AREAS
from tests.mutation.run import NOBODY, choose, run
from tests.mutation.subjects import subjects
from tests.mutation.survivors import explained
from tests.systems_under_test import ROOT

CACHE = ROOT / ".cache" / "mutation"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 1 if the list of survivors is not exact."""
    given = parser().parse_args(arguments)
    if given.shortcut:
        return _shortcut(given.sample, given.seed)
    if given.validate:
        return _validate(given.area or (), given.sample, given.seed)
    work = choose(subjects(), given.area or (), given.sample, given.seed)
    results = run(work, None if given.no_lint else CACHE, say)
    say(f"{len(work) - len(results)} of {len(work)} behave as the original: no defects")
    wrong = list(report.wrong_entries(results))
    if given.json:
        sys.stdout.write(report.as_json(results) + "\n")
    else:
        lines = (*report.tables(results), "", *report.survivors(results), *wrong)
        sys.stdout.writelines(f"{line}\n" for line in lines)
    left = [one for one in results if one.judge == NOBODY and not explained(one.mutant)]
    return 1 if left or wrong else 0


def _shortcut(sample: int, seed: int) -> int:
    """Compare builds with and without ``--full``; return 1 if they ever differ."""
    subject = shortcut.many()
    chosen = shortcut.choose(shortcut.defects(subject), sample, seed)
    found = differ = 0
    for nth, one in enumerate(shortcut.compare(subject, chosen, CACHE), start=1):
        found += bool(one.full)
        if one.full != one.shortcut:
            differ += 1
            sys.stdout.writelines(f"{line}\n" for line in shortcut.lines(one))
        if nth % shortcut.AT_ONCE == 0:
            say(f"{nth} of {len(chosen)}")
    sys.stdout.write(
        f"{len(chosen)} defects: cfn-lint notices {found} of them; "
        f"the sample has other findings for {differ}\n"
    )
    return 1 if differ else 0


def _validate(areas: Sequence[str], sample: int, seed: int) -> int:
    """Ask cloudformation-validate; return 1 if only it notices a defect."""
    if not validate.INSTALLED.is_complete:
        say("cloudformation-validate is not installed. tools/venv.sh scanners installs it.")
        return 1
    work = choose(subjects(), areas, sample, seed)
    try:
        defects, noticed = validate.compare(work, CACHE, say)
    except ScanError as error:
        say(str(error))
        return 1
    sys.stdout.writelines(f"{line}\n" for line in validate.lines(defects, noticed))
    return 1 if any(one.judge == NOBODY for one in noticed) else 0


def say(text: str) -> None:
    """Tell how far it is."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - a command line's progress


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    made.add_argument(
        "--area", action="append", choices=AREAS, help="only defects of this area; repeatable"
    )
    made.add_argument("--sample", type=int, default=0, help="so many of them (default: all)")
    made.add_argument("--seed", type=int, default=0, help="chooses the sample")
    made.add_argument("--no-lint", action="store_true", help="do not ask cfn-lint, which is slow")
    made.add_argument(
        "--shortcut",
        action="store_true",
        help="compare what cfn-lint finds in the sample that a build lets it read with what it "
        "finds in everything, in a system of many services",
    )
    made.add_argument(
        "--validate",
        action="store_true",
        help="ask cloudformation-validate, and of what it notices the build's checks and cfn-lint",
    )
    made.add_argument("--json", action="store_true", help="print JSON for programs")
    return made


if __name__ == "__main__":
    sys.exit(main())
