"""Which files of a project say something, by their names alone.

Hidden files are not among them: they are what editors and systems keep for themselves, such as
the link to nothing by which Emacs locks a file (``.#shop.yaml``).
"""

from pathlib import Path


def descriptions(folder: Path) -> list[Path]:
    """Return the descriptions in a folder by name, also those whose name ends in ``.yml``: whoever
    reads them says what is wrong with it.
    """
    return _ending(folder, ".yaml", ".yml")


def parameter_files(folder: Path) -> list[Path]:
    """Return the parameter files in a folder by name."""
    return _ending(folder, ".json")


def _ending(folder: Path, *endings: str) -> list[Path]:
    return sorted(path for path in folder.glob("[!.]*") if path.suffix in endings)
