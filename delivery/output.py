"""What goes where: data to stdout, everything for people to stderr."""

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


def write(path: Path, text: str) -> None:
    """Write a file. Raises ``InputError`` where that is not possible."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"Cannot write {path}: {error.strerror}. Name another file.") from error
