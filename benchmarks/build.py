"""Compare ``python build.py`` with the plain ``cfn-lint`` command on the same templates.

python benchmarks/build.py                 both reference systems
python benchmarks/build.py --services 100  one system of that many services

Runs each in turn, pair by pair, and prints ratios: a machine's speed drifts, and seconds from one
machine say little about another. Cold: nothing is remembered. Warm: nothing has changed.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
CFN_LINT = [sys.executable, "-c", "from cfnlint.runner import main; main()"]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=5, help="how often (default: %(default)s)")
    parser.add_argument("--services", type=int, metavar="N", help="one system of N services")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        project = Path(folder)
        if options.services:
            (project / "systems").mkdir()
            (project / "systems" / "many.yaml").write_text(many_services(options.services))
        else:
            shutil.copytree(ROOT / "systems", project / "systems")
            shutil.copytree(ROOT / "parameters", project / "parameters")
        compare(project, options.pairs)


def many_services(count: int) -> str:
    """Return the description of a system in which each service calls the next."""
    services = "".join(
        f"  service-{number}:\n"
        "    port: 8080\n"
        "    health_check: {command: [CMD, /health]}\n"
        f"    calls: [service-{(number + 1) % count}]\n"
        for number in range(count)
    )
    head = "name: many\ndescription: Many services\nregistry: {mode: existing}\nservices:\n"
    return head + services


def compare(project: Path, pairs: int) -> None:
    """Print how long each command takes, and builds as a share of cfn-lint's time."""
    build = [sys.executable, str(ROOT / "build.py"), "--project", str(project)]
    # The ratios mean nothing for a build that finds something or fails.
    seconds(build, check=True)
    templates = sorted(map(str, project.glob("out/*/[!.]*.json")))
    templates = [name for name in templates if not name.endswith(".overrides.json")]

    def cold() -> float:
        shutil.rmtree(project / ".cache")
        return seconds(build)

    def warm() -> float:
        return seconds(build)

    def plain() -> float:
        return seconds([*CFN_LINT, *templates])

    say(f"{len(templates)} templates, {pairs} pairs; medians, smallest to largest in brackets")
    for name, measure in (("cold build", cold), ("warm build", warm)):
        report(name, [(measure(), plain()) for _ in range(pairs)])


def report(name: str, times: list[tuple[float, float]]) -> None:
    """Print one comparison."""
    ratios = sorted(ours / theirs for ours, theirs in times)
    ours, theirs = (statistics.median(column) for column in zip(*times, strict=True))
    spread = f"[{ratios[0]:.2f} to {ratios[-1]:.2f}]"
    say(
        f"{name:<12}{ours:7.2f} s   cfn-lint{theirs:7.2f} s   "
        f"ratio {statistics.median(ratios):.2f} {spread}"
    )


def seconds(command: list[str], *, check: bool = False) -> float:
    """Return how long a command takes, from its start to its end."""
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=check)  # noqa: S603 - our own
    return time.perf_counter() - start


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
