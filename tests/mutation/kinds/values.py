"""Texts, numbers, booleans and choices that are not what they should be."""

from tests.mutation import schemas
from tests.mutation.kinds.functions import is_literal
from tests.mutation.mutant import Mutants, Site


def a_boolean(site: Site) -> Mutants:
    """Turn it around, also where it is written as a text."""
    if isinstance(site.value, bool):
        yield site.changed("boolean flipped", not site.value)
    elif site.value in ("true", "false") and _counts(site):
        yield site.changed("boolean flipped", "false" if site.value == "true" else "true")


def a_number(site: Site) -> Mutants:
    """Make it one more, ten times as much or nothing, also where it is written as a text."""
    if isinstance(site.value, bool) or not _counts(site):
        return
    if isinstance(site.value, str) and site.value.isdecimal():
        number = int(site.value)
    elif isinstance(site.value, int):
        number = site.value
    else:
        return
    others = {"one more": number + 1, "ten times": number * 10, "zero": 0}
    for what, other in others.items():
        if other != number:
            yield site.changed(f"number: {what}", type(site.value)(other))


def a_choice(site: Site) -> Mutants:
    """Take another one of those that the schema offers."""
    if not isinstance(site.value, str) or not site.inner or not _counts(site):
        return
    choices = schemas.at(site.type, site.inner).get("enum", ())
    if site.value in choices and len(choices) > 1:
        index = choices.index(site.value)
        others = {choices[(index + 1) % len(choices)], choices[index - 1]} - {site.value}
        for other in sorted(others):
            yield site.changed("choice swapped", other)


def a_text(site: Site) -> Mutants:
    """Misspell it, leave it empty, write it in the other case."""
    if not isinstance(site.value, str) or not _counts(site):
        return
    if site.value in ("true", "false") or site.value.isdecimal():
        return
    if site.value:
        yield site.changed("text misspelt", f"{site.value}x")
        yield site.changed("text emptied", "")
    else:
        yield site.changed("text filled", "x")
    if site.value.swapcase() != site.value:
        yield site.changed("text in the other case", site.value.swapcase())


def _counts(site: Site) -> bool:
    """Return whether a value here is one of a property, an output or a condition, and literal."""
    if site.path[0] == "Parameters" or not is_literal(site.path):
        return False
    return bool(site.inner) or site.path[0] in ("Outputs", "Conditions")


PLANTERS = (a_boolean, a_number, a_choice, a_text)
