"""How a program of ours begins and ends: whatever stops it is one sentence, not a traceback.

Imports nothing but the standard library, which is all that may be there.
"""

import sys
from collections.abc import Callable

INTERRUPTED = 130
"""The exit code of a program that was stopped with Ctrl-C, as shells have it."""

NOT_INSTALLED = (
    "payment-stacks' packages are not installed for this Python: "
    "run `tools/venv.sh local` and `. .venv/bin/activate`"
)


def launch(main: Callable[[], int]) -> int:
    """Return the exit code of ``main``, which imports what it needs while it runs."""
    try:
        return main()
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return INTERRUPTED
    except ModuleNotFoundError:
        sys.stderr.write(f"{NOT_INSTALLED}\n")
        return 2
