"""What goes where: data to stdout, everything for people to stderr."""

import json
import sys
from pathlib import Path

from rich.console import Console

from delivery.errors import InputError


def tell(console: Console, text: str) -> None:
    """Say something to people, as it is."""
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def complain(console: Console, problem: object) -> None:
    """Say what went wrong."""
    console.print(str(problem), style="red", highlight=False, markup=False, soft_wrap=True)


def data(text: str) -> None:
    """Print a line that another program may read."""
    sys.stdout.write(f"{text}\n")


def dumps(document: object) -> str:
    """Return a JSON document as it is printed."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def write(path: Path, text: str) -> None:
    """Write a file. Raises ``InputError`` where that is not possible."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"Cannot write {path}: {error.strerror}. Name another file.") from error


def confirmed(console: Console, name: str, what: str) -> bool:
    """Ask for the stack's name before ``what`` is done to it; False where nobody can be asked.

    Raises ``InputError`` where that is not the answer.
    """
    if not sys.stdin.isatty():
        return False
    try:
        answer = console.input(f"Type the stack's name to {what} ({name}): ")
    except (EOFError, KeyboardInterrupt) as pressed:
        console.print()  # the message that follows begins a line
        if isinstance(pressed, KeyboardInterrupt):
            raise
        answer = ""
    if answer.strip() != name:
        raise InputError("That is not its name: nothing was changed.")
    return True
