"""Descriptions written in tests, as short as they can be."""

from pathlib import Path
from textwrap import dedent

from description import source
from description.load import DescriptionError, load
from description.model import System

HEAD = "name: shop\ndescription: A shop\n"
WORKER = "{health_check: {command: [CMD, /alive]}}"


def described(text: str) -> System:
    """Return the system that ``text`` describes, without looking at the rules over sections."""
    given = source.read(dedent(text)).content or {}
    content = {"name": "shop", "description": "A shop", **given}
    content.setdefault("services", source.read(f"worker: {WORKER}").content)
    return System.model_validate(content)


def mistakes_in(folder: Path, text: str, name: str = "shop.yaml") -> list[str]:
    """Return the mistakes in a file with ``text``, each without the file's folder."""
    path = folder / name
    path.write_text(dedent(text), encoding="utf-8")
    try:
        load(path)
    except DescriptionError as error:
        return [str(mistake).removeprefix(f"{folder}/") for mistake in error.mistakes]
    return []
