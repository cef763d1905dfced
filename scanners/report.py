"""What a scan says: a line for every scanner, then what is not accepted and what is stale."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from checks.columns import columns
from scanners.findings import Finding

if TYPE_CHECKING:
    from scanners.acceptance import Verdict

Key = tuple[str, str, str, str, str]
"""Scanner, rule, system, profile and resource: what counts as one finding."""


def _key(one: Finding) -> Key:
    return one.scanner, one.rule, one.system, one.profile, one.address


def _grouped(findings: Iterable[Finding]) -> dict[Key, list[Finding]]:
    """Return findings with those together that differ in form or words only."""
    groups: dict[Key, list[Finding]] = {}
    for one in findings:
        groups.setdefault(_key(one), []).append(one)
    return groups


def lines(versions: Mapping[str, str], verdict: "Verdict") -> Iterator[str]:
    """Yield the report in columns."""
    left = _grouped(verdict.left)
    accepted = _grouped(verdict.accepted)
    table: list[tuple[str, ...]] = [("scanner", "version", "found", "accepted", "left")]
    in_all = Counter(key[0] for key in accepted.keys() | left.keys())
    in_left = Counter(key[0] for key in left)
    for name, version in versions.items():
        counts = in_all[name], in_all[name] - in_left[name], in_left[name]
        table.append((name, version, *map(str, counts)))
    yield from columns(table, right=(2, 3, 4))
    if left:
        yield ""
        yield from columns([_row(key, found) for key, found in left.items()])
    if verdict.stale:
        yield ""
        yield "Accepted, but not found any more. Remove it from scanners/accepted.yaml:"
        yield from (f"  {row}" for row in verdict.stale)


def _row(key: Key, found: list[Finding]) -> tuple[str, ...]:
    scanner, rule, system, profile, address = key
    forms = "+".join(sorted({one.form for one in found}))
    return scanner, rule, f"{system}/{profile}", forms, address or "parent", found[0].message


def as_json(versions: Mapping[str, str], verdict: "Verdict") -> dict[str, Any]:
    """Return the report for programs."""
    reasons = {_key(one): row.reason for one, row in verdict.accepted.items()}
    left = _grouped(verdict.left)
    groups = _grouped([*verdict.left, *verdict.accepted])
    return {
        "scanners": versions,
        "findings": [
            {
                "scanner": scanner,
                "rule": rule,
                "system": system,
                "profile": profile,
                "resource": address,
                "forms": sorted({one.form.value for one in found}),
                "message": found[0].message,
                "accepted": None if key in left else reasons[key],
            }
            for key, found in sorted(groups.items())
            for scanner, rule, system, profile, address in [key]
        ],
        "stale": [str(row) for row in verdict.stale],
    }
