"""Which packages are installed, found out without importing any of them."""

import sys
from collections.abc import Iterator
from pathlib import Path


def installed() -> Iterator[str]:
    """Yield the name and version of each package that can be imported, and when it was installed.

    That is what the folder beside a package is called, and the state of the list of files in it,
    which every installation writes anew.
    """
    for place in filter(Path.is_dir, map(Path, sys.path)):
        for entry in sorted(place.iterdir()):
            if entry.name.endswith((".dist-info", ".egg-info", ".pth")):
                record = entry / "RECORD"
                state = (record if record.exists() else entry).stat()
                yield f"{entry} {state.st_size} {state.st_mtime_ns}"
