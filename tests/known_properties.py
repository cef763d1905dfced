"""``python -m tests.known_properties``: write which properties templates of ours have.

What is new there is to be read before it is committed: checks take it for ours from then on.
"""

import json
from collections.abc import Iterator

from checks.consistency import additions
from checks.rendering import Path, Rendering
from checks.resolved import resolve, samples
from description.model import System
from tests.systems_under_test import ROOT, SYSTEMS, described, rendered
from tests.test_fields_reach_templates import CHANGES

FILE = ROOT / "checks" / "consistency" / additions.FILE


def systems() -> Iterator[tuple[System, Rendering]]:
    """Yield every system that tests look at, and one for each field with another value."""
    for name in SYSTEMS:
        yield described(name), rendered(name)
    for change in CHANGES.values():
        yield change.after, change.rendered


def found() -> dict[str, list[str]]:
    """Return the properties in the templates of all systems, by type of resource."""
    properties: dict[str, set[str]] = {}
    for one, it in systems():
        zones = ",".join(f"use1-az{zone}" for zone in range(1, one.network.zones + 1))
        declared = it.templates["parent.json"]["Parameters"].keys()
        for more in ({}, {"AlarmEmail": "someone@example.com", "AvailabilityZoneIds": zones}):
            given = {name: value for name, value in more.items() if name in declared}
            for resource in resolve(it, samples(it) | given).resources.values():
                paths = additions.not_among(frozenset(), resource.properties)
                properties.setdefault(resource.type, set()).update(map(spelt, paths))
    return {kind: sorted(properties[kind]) for kind in sorted(properties)}


def spelt(path: Path) -> str:
    """Return ``path`` with ``*`` for each place in a list."""
    return "/".join("*" if isinstance(step, int) else step for step in path)


if __name__ == "__main__":
    FILE.write_text(json.dumps(found(), indent=2) + "\n", encoding="utf-8")
