"""Profiles: how much protection an environment has, and what that costs.

The model's own defaults are the *production* profile. The *development* profile is cheap: it begins
with the settings of ``development.yaml``, each of which says what it gives up. A description's own
fields go before those settings, and its ``profiles`` before its other fields.
"""

from copy import deepcopy
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from description.mistakes import Finding, Where

SHARED: Final = ("name", "environments", "profiles")
"""Fields that are the same in every profile."""

DEVELOPMENT_FILE: Final = Path(__file__).with_name("development.yaml")


class Profile(StrEnum):
    """A set of choices that environments share."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"


@dataclass(frozen=True)
class Setting:
    """What the development profile sets where a description says nothing."""

    field: str
    """The field, as people write its place: ``network.nat``."""
    value: object
    gives_up: str
    """What an environment does without, to be read after *gives up*."""


@cache
def development() -> tuple[Setting, ...]:
    """Return the settings of the development profile, in the order of its file."""
    import yaml  # not for those who want the names of the profiles

    content = yaml.safe_load(DEVELOPMENT_FILE.read_text(encoding="utf-8"))
    return tuple(Setting(**one) for one in content)


def settings_of(profile: Profile, section: str) -> set[str]:
    """Return the fields of a section that a profile sets though no description does."""
    settings = development() if profile is Profile.DEVELOPMENT else ()
    places = (one.field.rpartition(".") for one in settings)
    return {name for where, _, name in places if where == section}


@dataclass(frozen=True)
class Layered:
    """What a file says for one profile."""

    content: dict[str, Any]
    """The description's fields, with what its profile sets."""
    overrides: Where
    """Where in the file the profile's own fields are."""
    file: dict[str, Any]

    def in_file(self, finding: Finding) -> Finding:
        """Return a finding about the content with the places in the file."""
        return replace(
            finding,
            where=self._place(finding.where),
            other=self._place(finding.other),
            reads=finding.reads and tuple(map(self._place, finding.reads)),
        )

    def _place(self, where: Where) -> Where:
        """Return where the file says what the content has at ``where``."""
        place = (*self.overrides, *where)
        value: Any = self.file
        for step in place:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return where
        return place if where else where


def layered(file: dict[str, Any], profile: Profile) -> Layered:
    """Return what the content of a file, ``file``, says for ``profile``.

    Mappings are joined field by field; a list or a value takes the place of another.
    """
    base: dict[str, Any] = {}
    if profile is Profile.DEVELOPMENT:
        for one in development():
            *sections, name = one.field.split(".")
            section = base
            for step in sections:
                section = section.setdefault(step, {})
            section[name] = one.value
    overrides: Any = file.get("profiles")
    own = overrides.get(profile.value) if isinstance(overrides, dict) else None
    own = {key: own[key] for key in own if key not in SHARED} if isinstance(own, dict) else {}
    content = _joined(_joined(base, file), own)
    return Layered(content, ("profiles", profile.value), file)


def in_use(file: dict[str, Any]) -> tuple[Profile, ...]:
    """Return the profiles that a file's environments have.

    An environment that it does not name is a production environment.
    """
    environments = file.get("environments")
    named = environments.values() if isinstance(environments, dict) else ()
    return tuple(one for one in Profile if one is Profile.PRODUCTION or one.value in named)


def _joined(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return ``under`` with the fields of ``over``; shares nothing with either."""
    joined = deepcopy(under)
    for key, value in over.items():
        below = joined.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            joined[key] = _joined(below, value)
        else:
            joined[key] = deepcopy(value)
    return joined
