"""The command line of ``./deploy.sh``.

Each command is imported when it is asked for: most of them need a part of what is here only, and
help and misspelt words none of it.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Final

from delivery import arguments
from delivery.launch import INTERRUPTED

if TYPE_CHECKING:
    from rich.console import Console

COMMANDS: Final[Mapping[str, str]] = {
    "plan": "delivery.deploying:plan",
    "deploy": "delivery.deploying:deploy",
    "check": "delivery.preflight.command:check",
    "diff": "delivery.diff:run",
    "images": "delivery.images:run",
    "secrets": "delivery.secrets:run",
    "restart": "delivery.restart:run",
    "rollback": "delivery.rollback:run",
    "doctor": "delivery.doctor.command:run",
    "drift": "delivery.drift:run",
    "outputs": "delivery.outputs:run",
    "destroy": "delivery.destroy:run",
    "bootstrap": "delivery.bucket:run",
}
"""The function that carries out each command: it takes what was given and a console for people, and
returns the exit code.
"""


def main(words: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; what went wrong is one message on stderr."""
    words = sys.argv[1:] if words is None else words
    given = arguments.parser().parse_args(words)
    given.words = words
    from rich.console import Console

    console = Console(stderr=True, highlight=False, emoji=False)
    return guarded(console, lambda: _run(given, console))


def _run(given: argparse.Namespace, console: "Console") -> int:
    return int(resolve_name(COMMANDS[given.command])(given, console))


def guarded(console: "Console", run: Callable[[], int]) -> int:
    """Return the exit code of ``run``, or the one of what stopped it, told in one message."""
    from delivery.aws import explained
    from delivery.errors import DeliveryError, InputError
    from delivery.output import complain
    from description.mistakes import DescriptionError

    try:
        with explained():
            return run()
    except DescriptionError as error:
        complain(console, error)
        return InputError.exit_code
    except DeliveryError as error:
        complain(console, error)
        return error.exit_code
    except KeyboardInterrupt:
        complain(console, "Interrupted.")
        return INTERRUPTED
