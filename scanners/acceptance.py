"""The findings that are right as they are: ``accepted.yaml``, each with its reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from scanners.findings import Finding, Form

LIST = Path(__file__).resolve().parent / "accepted.yaml"


class AcceptanceError(Exception):
    """The list cannot be read."""


class Entry(BaseModel):
    """What the list says of one resource, or of those that a pattern names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    resource: str
    """Their address; ``*`` and ``?`` are wildcards."""
    found: Annotated[
        Mapping[str, Annotated[Sequence[str], Field(min_length=1)]], Field(min_length=1)
    ]
    """Scanner to the rules that are accepted."""
    reason: Annotated[str, Field(min_length=20)]
    """Why they are right as they are."""
    system: str | None = None
    profile: str | None = None
    form: Form | None = None
    """Where only findings of one system, profile or form are accepted."""


@dataclass(frozen=True, order=True)
class Row:
    """One rule of one scanner that is accepted."""

    scanner: str
    rule: str
    resource: str
    system: str | None
    profile: str | None
    form: Form | None
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Return whether ``finding`` is accepted by this row."""
        return (
            finding.scanner == self.scanner
            and finding.rule == self.rule
            and fnmatchcase(finding.address, self.resource)
            and self.system in {None, finding.system}
            and self.profile in {None, finding.profile}
            and self.form in {None, finding.form}
        )

    def __str__(self) -> str:
        only = [str(one) for one in (self.system, self.profile, self.form) if one]
        suffix = f" ({', '.join(only)})" if only else ""
        return f"{self.scanner} {self.rule} {self.resource or 'parent'}{suffix}"


def read(path: Path = LIST) -> list[Row]:
    """Return the rows of the list.

    Raises ``AcceptanceError``, which says what is wrong with it.
    """
    try:
        entries = TypeAdapter(list[Entry]).validate_python(yaml.safe_load(path.read_text()))
    except (OSError, yaml.YAMLError) as error:
        raise AcceptanceError(f"{path.name} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = "/".join(map(str, first["loc"]))
        raise AcceptanceError(f"{path.name}: {where}: {first['msg']}") from error
    return [
        Row(scanner, rule, one.resource, one.system, one.profile, one.form, one.reason.strip())
        for one in entries
        for scanner, rules in one.found.items()
        for rule in rules
    ]


@dataclass(frozen=True)
class Verdict:
    """What becomes of findings."""

    accepted: Mapping[Finding, Row]
    left: Sequence[Finding]
    stale: Sequence[Row]
    """Rows that cover nothing."""


def judge(findings: Iterable[Finding], rows: Iterable[Row]) -> Verdict:
    """Return which of ``findings`` a row accepts, and which rows accept none."""
    by_rule: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by_rule.setdefault((row.scanner, row.rule), []).append(row)
    accepted: dict[Finding, Row] = {}
    left: list[Finding] = []
    used: set[Row] = set()
    for finding in sorted(set(findings)):
        covering = [
            row for row in by_rule.get((finding.scanner, finding.rule), []) if row.covers(finding)
        ]
        used.update(covering)
        if covering:
            accepted[finding] = covering[0]
        else:
            left.append(finding)
    stale = [row for one in by_rule.values() for row in one if row not in used]
    return Verdict(accepted, left, sorted(stale, key=str))
