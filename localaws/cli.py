"""The local AWS on the command line: serve, start, stop, status, deploy."""

import argparse
import logging
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from localaws.address import DEFAULT_PORT
from localaws.background import Background, BackgroundError
from localaws.compatibility import UnsupportedEmulatorError

# What takes long to import is imported where it is needed: boto3, the emulator.

STATE_FOLDER = Path(".localaws")

Command = Callable[[argparse.Namespace], int]


def serve(arguments: argparse.Namespace) -> int:
    """Run in the foreground until SIGTERM or SIGINT; print the address when ready."""
    from localaws.server import LocalAws

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    stopped = threading.Event()
    for received in (signal.SIGTERM, signal.SIGINT):
        signal.signal(received, lambda *_: stopped.set())
    with LocalAws(arguments.port) as aws:
        _print(aws.endpoint_url)
        stopped.wait()
    return 0


def start(arguments: argparse.Namespace) -> int:
    """Start in the background, unless it runs already; print the address."""
    _print(Background(STATE_FOLDER).start(arguments.port).url)
    return 0


def stop(_arguments: argparse.Namespace) -> int:
    """Stop the background process; everything that was deployed there is gone."""
    if not Background(STATE_FOLDER).stop():
        _tell("the local AWS is not running")
    return 0


def status(_arguments: argparse.Namespace) -> int:
    """Print the address of the background process; exit with 1 if there is none."""
    running = Background(STATE_FOLDER).running()
    if running is None:
        _tell("the local AWS is not running: start it with `python -m localaws start`")
        return 1
    _print(running.url)
    return 0


def deploy(arguments: argparse.Namespace) -> int:
    """Deploy a system to the local AWS in the background, started if need be; print the outputs."""
    from rich.console import Console

    from delivery import sources
    from delivery.cli import guarded
    from delivery.outputs import show

    console = Console(stderr=True, highlight=False, emoji=False)

    def run() -> int:
        sources.description_of(arguments.system)  # before anything is started
        from localaws import deploy as deployment
        from localaws.clients import LocalSession

        session = LocalSession(Background(STATE_FOLDER).start().url)
        deployed = deployment.deploy(arguments.system, session, console)
        show(deployed.stack, as_json=arguments.json)
        variables = " ".join(f"{name}={value}" for name, value in session.environment.items())
        _tell(f"Any AWS tool sees it with: export {variables}")
        return 0

    return guarded(console, run)


def parser() -> argparse.ArgumentParser:
    """Return the command line, one sub-command per function above."""
    top = argparse.ArgumentParser(prog="python -m localaws", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, serve).add_argument("--port", type=int, default=DEFAULT_PORT)
    _add(commands, start).add_argument("--port", type=int, help="default: a free one")
    _add(commands, stop)
    _add(commands, status)
    deploying = _add(commands, deploy, prog="./deploy.sh local")
    deploying.add_argument("system", metavar="SYSTEM", help="name of a file in systems/")
    deploying.add_argument("--json", action="store_true", help="print the outputs as JSON")
    return top


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    command: Command,
    prog: str | None = None,
) -> argparse.ArgumentParser:
    described = (command.__doc__ or "").splitlines()[0]
    added = commands.add_parser(command.__name__, help=described, description=described, prog=prog)
    added.set_defaults(command=command)
    return added


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 not running, 2 not possible."""
    arguments = parser().parse_args(words)
    try:
        result: int = arguments.command(arguments)
    except (BackgroundError, UnsupportedEmulatorError, OSError) as error:
        _tell(str(error))
        return 2
    return result


def _print(line: str) -> None:
    """Write a result: it is all that standard output carries."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
