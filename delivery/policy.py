"""What a change means for what runs, and which changes need to be allowed by name.

Rules are data: ``policy.yaml`` beside this file, and a project's own ``policy.yaml``.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Final, Literal, TypeVar, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from delivery.changes import Action, Change
from delivery.errors import InputError, RefusedError

Level = Literal["none", "low", "access", "interruption", "external", "data loss"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""From the harmless to the worst."""
_ATTENTION = LEVELS.index("access")

_Form = TypeVar("_Form", bound=BaseModel)

_BUILT_IN: Final = Path(__file__).with_name("policy.yaml")
FILE = "policy.yaml"
"""The name of a project's own rules."""


class Risk(BaseModel):
    """How much a change asks for attention, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    level: Level
    reason: str


class Rule(BaseModel):
    """Changes that are alike."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    types: list[str] = Field(min_length=1)
    actions: list[Action] = Field(min_length=1)
    properties: list[str] = []
    risk: Level
    reason: str = Field(min_length=1)
    refuse: list[Literal["production", "development"]] = []

    def covers(self, change: Change) -> bool:
        """Return whether a change is one of these."""
        return (
            change.effect in self.actions
            and any(fnmatchcase(change.type, pattern) for pattern in self.types)
            and self._covers_causes(change)
        )

    def _covers_causes(self, change: Change) -> bool:
        if self.properties:
            return any(self._names(cause.property) for cause in change.causes)
        return not change.only_tags

    @property
    def meaning(self) -> Risk:
        """What such a change means."""
        return Risk(level=self.risk, reason=self.reason)

    def _names(self, path: str) -> bool:
        return any(path == name or path.startswith(f"{name}/") for name in self.properties)


class _Own(BaseModel):
    """A project's file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    rules: list[Rule]


class _BuiltIn(_Own):
    otherwise: dict[Action, Risk]


@dataclass(frozen=True)
class Refusal:
    """A change that nobody has allowed, and the rule that asks for it."""

    change: Change
    rule: Rule


class Policy:
    """All rules that hold."""

    def __init__(self, own: Iterable[Rule] = ()) -> None:
        self.rules = (*_built_in().rules, *own)

    def risk(self, change: Change) -> Risk:
        """Return the worst that is known of a change; the first of equally bad rules tells why."""
        worst = max(
            (rule for rule in self.rules if rule.covers(change)),
            key=lambda rule: LEVELS.index(rule.risk),
            default=None,
        )
        return worst.meaning if worst else _built_in().otherwise[change.effect]

    def ask_for_attention(self, changes: Iterable[Change]) -> bool:
        """Return whether any of the changes should be read by somebody before it is made."""
        return any(LEVELS.index(self.risk(one).level) >= _ATTENTION for one in changes)

    def refusals(
        self, changes: Iterable[Change], profile: str, allowed: Iterable[str] = ()
    ) -> list[Refusal]:
        """Return the changes that are refused in an environment of ``profile``, each one once.

        ``allowed`` are the addresses of changes that are wanted: ``Registry/ApiGateway``.
        """
        wanted = set(allowed)
        return [
            Refusal(change, rule)
            for change in changes
            if change.address not in wanted and (rule := self._against(change, profile))
        ]

    def _against(self, change: Change, profile: str) -> Rule | None:
        found = (rule for rule in self.rules if profile in rule.refuse and rule.covers(change))
        return next(found, None)


def load(folder: Path) -> Policy:
    """Return the built-in rules and those of the project in ``folder``, if it has any.

    Raises ``InputError`` for what is wrong in the project's.
    """
    own = folder / FILE
    if not own.exists():
        return Policy()
    policy = Policy(_read(own, _Own).rules)
    count = Counter(rule.id for rule in policy.rules)
    if taken := [name for name, times in count.items() if times > 1]:
        raise InputError(f"{own}: there is a rule {taken[0]} already. Give yours another id.")
    return policy


def refuse(refusals: Sequence[Refusal]) -> None:
    """Raise ``RefusedError`` where there are refusals, with the options that allow them."""
    if not refusals:
        return
    count = "A change is" if len(refusals) == 1 else f"{len(refusals)} changes are"
    lines = [f"Refused by policy: {count} not allowed here, and nothing was changed."]
    for refused in refusals:
        change = refused.change
        lines.append(
            f"  {change.address} ({change.type}) would {_would(change)}: "
            f"{refused.rule.reason} (rule {refused.rule.id})"
        )
    allow = " ".join(f"--allow {refused.change.address}" for refused in refusals)
    lines.append(f"If that is what you want, repeat the command with: {allow}")
    raise RefusedError("\n".join(lines))


def _would(change: Change) -> str:
    be = "perhaps be" if change.replacement == "maybe" else "be"
    verbs = {
        "add": "added",
        "modify": "modified",
        "replace": "replaced",
        "delete": "deleted",
        "retain": "left behind",
    }
    return f"{be} {verbs[change.effect]}"


@cache
def _built_in() -> _BuiltIn:
    return _read(_BUILT_IN, _BuiltIn)


def _read(path: Path, form: type[_Form]) -> _Form:
    try:
        return form.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}. Correct or remove it.") from error
    except yaml.YAMLError as error:
        raise InputError(f"{path} is no YAML: {' '.join(str(error).split())}.") from error
    except ValidationError as error:
        mistakes = "; ".join(
            f"{'/'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}"
            for one in error.errors()
        )
        raise InputError(f"{path}: {mistakes}. Correct it.") from error
