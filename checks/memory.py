"""What is worth remembering from one build to the next, each thing by the digest of its causes.

Memory costs nothing but time when it is lost: what is damaged counts as unknown, and what cannot
be written is not remembered. Any number of builds may share a folder.
"""

import hashlib
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

KEEP_DAYS = 30
"""What was used longer ago is dropped when something new is stored."""

_DAY = 24 * 60 * 60
"""Seconds; what was used is marked so once a day."""


class Memory:
    """A folder of JSON values by key; a key is a digest of all that its value depends on."""

    def __init__(self, folder: Path) -> None:
        """Remember in ``folder``, which is made when it is needed."""
        self._folder = folder

    def __bool__(self) -> bool:
        """Return whether anything is remembered."""
        return next(self._folder.glob("*.json"), None) is not None

    def recall(self, key: str) -> Any:
        """Return the value of ``key``; ``None`` where there is none or it is damaged."""
        file = self._folder / f"{key}.json"
        try:
            digest, _, text = file.read_bytes().partition(b"\n")
            value = json.loads(text) if digest == _digest(text) else None
        except (OSError, ValueError):
            return None
        with suppress(OSError):
            if file.stat().st_mtime < time.time() - _DAY:
                os.utime(file)
        return value

    def remember(self, values: Mapping[str, object]) -> None:
        """Store ``values``, each whole or not at all, and drop what is old."""
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            for key, value in values.items():
                text = json.dumps(value).encode()
                replace(self._folder / f"{key}.json", _digest(text) + b"\n" + text)
            oldest = time.time() - KEEP_DAYS * _DAY
            with os.scandir(self._folder) as files:
                for file in files:
                    if file.stat().st_mtime < oldest:
                        Path(file).unlink(missing_ok=True)


def replace(path: Path, body: bytes) -> None:
    """Write a file so that nobody ever sees half of it."""
    from tempfile import NamedTemporaryFile  # takes longer to import than all that recalling does

    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(body)
    temporary = Path(file.name)
    temporary.chmod(0o644)
    temporary.replace(path)


def _digest(text: bytes) -> bytes:
    return hashlib.sha256(text).hexdigest().encode()
