"""``python -m benchmarks``: measure builds beside other tools, in one run.

Machines differ and their speed drifts, so everything is measured in turn, round by round, and the
ratios are what counts. Prints a table; with ``--write`` it and a picture go to ``docs/``.
"""

import argparse
import datetime
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import OFTEN, TWICE, Cost, FailedError, machine

# What takes long to import is imported where it is needed: not for help.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from benchmarks.contenders import Peers
    from benchmarks.report import Measured

SIZES = (3, 30, 100, 300)
PAGE, PICTURE = "benchmarks.md", "benchmarks.png"
BEGIN, END = "<!-- measured -->\n", "<!-- end -->\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 1 if something could not be measured."""
    options = parser().parse_args(arguments)
    from benchmarks.contenders import Peers
    from benchmarks.report import deployments, picture, table

    peers = Peers.found()
    measured, complaints = [], []
    for services in options.services or SIZES:
        try:
            rounds = options.rounds if services <= OFTEN else min(options.rounds, TWICE)
            measured.append(measure(services, rounds, peers))
        except FailedError as error:
            complaints.append(f"Not measured: {error}")
    absent = f"Not installed here: {', '.join(peers.absent)}." if peers.absent else ""
    said = [
        f"Measured on {datetime.datetime.now(datetime.UTC):%Y-%m-%d}: {machine()}; medians of "
        f"{_rounds(options.rounds)}. {absent}".rstrip(),
        "",
        *table(measured),
        "",
        "First deployments by the simulation, every image known:",
        "",
        *deployments(measured),
    ]
    sys.stdout.writelines(f"{line}\n" for line in said)
    sys.stderr.writelines(f"{line}\n" for line in complaints)
    if options.write:
        write(options.write, said)
        if not picture(measured, options.write / PICTURE):
            sys.stderr.write("No picture: install matplotlib, which the extra benchmarks has.\n")
    return 1 if complaints else 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure builds beside other tools, in one run."
    )
    made.add_argument(
        "--services",
        type=number,
        action="append",
        metavar="N",
        help=f"a system of N services; repeatable (default: {', '.join(map(str, SIZES))})",
    )
    made.add_argument(
        "--rounds",
        type=number,
        default=3,
        help=f"how often; {TWICE} times at most for more than {OFTEN} services "
        "(default: %(default)s)",
    )
    made.add_argument(
        "--write",
        type=folder,
        metavar="DIR",
        help=f"write the table to DIR/{PAGE} and the picture to DIR/{PICTURE}",
    )
    return made


def _rounds(rounds: int) -> str:
    if rounds == 1:
        return "1 round"
    more = f", of {TWICE} for more than {OFTEN} services" if rounds > TWICE else ""
    return f"{rounds} rounds{more}"


def number(text: str) -> int:
    """Return the number from 1 on that an option gives."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a number from 1 on: {text}")
    return int(text)


def folder(text: str) -> Path:
    """Return the folder of the page that an option gives."""
    page = Path(text) / PAGE
    try:
        found = page.read_text()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"no page to write to: {page}: {error.strerror}") from None
    if BEGIN not in found or END not in found:
        wanted = f"{BEGIN.strip()} and {END.strip()}"
        raise argparse.ArgumentTypeError(f"no place to write to: {page} must have lines {wanted}")
    return page.parent


def measure(services: int, rounds: int, peers: "Peers") -> "Measured":
    """Measure a system of so many services. Raises ``FailedError``."""
    from benchmarks.contenders import Contest
    from benchmarks.report import Measured

    costs: dict[str, list[Cost]] = {}
    with TemporaryDirectory() as folder, Contest(Path(folder), services, peers) as contest:
        for number in range(rounds):
            for name, cost in contest.round():
                costs.setdefault(name, []).append(cost)
                said = f"{services} services, round {number + 1}: {name}"
                sys.stderr.write(f"{said} {cost.wall:.2f} s, {cost.cpu:.2f} s of processors\n")
        return Measured(services, len(contest.templates), costs, contest.deployment())


def write(folder: Path, said: Sequence[str]) -> None:
    """Put what is said in its place on the page."""
    page = folder / PAGE
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    body = "".join(f"{line}\n" for line in said)
    page.write_text(f"{before}{BEGIN}\n{body}\n{END}{after}")


if __name__ == "__main__":
    sys.exit(main())
