"""How a program of ours begins and ends: whatever stops it is one sentence, not a traceback.

Imports nothing but the standard library, which is all that may be there.
"""

import sys
from collections.abc import Callable

INTERRUPTED = 130
"""The exit code of a program that was stopped with Ctrl-C, as shells have it."""

NOT_INSTALLED = (
    "A package of payment-stacks is not installed for this Python: {name}. "
    "Run `tools/venv.sh deploy` and `. .venv/bin/activate`"
)

_OURS = {"build", "checks", "delivery", "description", "localaws", "scanners", "templates"}
"""What comes with this file: where one of them is missing, nothing can be installed to help."""


def launch(main: Callable[[], int]) -> int:
    """Return the exit code of ``main``, which imports what it needs while it runs.

    Raises ``ModuleNotFoundError`` where a module of our own is missing: that is a defect.
    """
    try:
        return main()
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return INTERRUPTED
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in _OURS:
            raise
        sys.stderr.write(f"{NOT_INSTALLED.format(name=error.name)}\n")
        return 2
