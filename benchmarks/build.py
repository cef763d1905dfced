"""Compare ``python build.py`` with the plain ``cfn-lint`` command on the same templates.

python benchmarks/build.py                 both reference systems
python benchmarks/build.py --services 100  one system of that many services

Runs each in turn, pair by pair, and prints ratios: a machine's speed drifts, and seconds from one
machine say little about another. Cold: nothing is remembered. Warm: nothing has changed. Checks:
all that a build checks itself, over every profile and environment, once its templates are rendered;
in CPU time, because a build runs it while cfn-lint runs in a process of its own.
"""

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
CHECKS = """
import sys, time
from pathlib import Path
from checks.build import PARENT, Project, describe, is_for, render
from checks import parameters
from checks.judge import judge
from checks.parameter_files import read_all

project = Project(Path(sys.argv[1]))
described, systems = describe(project), render(project)
files = read_all(project.parameters, {system.name for system in described})
start = time.process_time()
for system, description in zip(systems, described, strict=True):
    own = [file for file in files if is_for(file, description)]
    found = [one for file in own for one in parameters.check(file, system.templates[PARENT])]
    assert not found and not judge(system, description, own).findings
sys.stdout.write(str(time.process_time() - start))
"""
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
    templates = templates_of(project)

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
    report("checks, CPU", [(checks(project), cpu([*CFN_LINT, *templates])) for _ in range(pairs)])


def templates_of(project: Path) -> list[str]:
    """Return the files of the templates that were built; end the program if there are none."""
    built = sorted(map(str, project.glob("out/*/*/[!.]*.json")))
    built = [name for name in built if not name.endswith(".overrides.json")]
    if not built:
        sys.exit(f"No templates in {project / 'out'}: there is nothing to compare.")
    return built


def report(name: str, times: list[tuple[float, float]]) -> None:
    """Print one comparison."""
    ratios = sorted(ours / theirs for ours, theirs in times)
    ours, theirs = (statistics.median(column) for column in zip(*times, strict=True))
    spread = f"[{ratios[0]:.2f} to {ratios[-1]:.2f}]"
    say(
        f"{name:<12}{ours:7.2f} s   cfn-lint{theirs:7.2f} s   "
        f"ratio {statistics.median(ratios):.2f} {spread}"
    )


def checks(project: Path) -> float:
    """Return the CPU seconds of all checks but cfn-lint, in a process that has just begun."""
    command = [sys.executable, "-c", CHECKS, str(project)]
    return float(subprocess.check_output(command, cwd=ROOT, text=True))  # noqa: S603 - our own


def cpu(command: list[str]) -> float:
    """Return the CPU seconds of a command and the processes that it starts."""

    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = used()
    seconds(command)
    return used() - before


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
