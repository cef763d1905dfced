"""No name that a description can give makes two things of one name.

Everything in each template, and everything in AWS, is called by us or after a service or a secret.
What is called after one becomes a pattern; no pattern may match another name of its kind.
"""

import re
from collections.abc import Iterable
from functools import cache
from itertools import combinations

import pytest

from checks.rendering import Rendering
from checks.resolved import resolve, samples
from description.model import System
from tests import many
from tests.systems_under_test import SYSTEMS, described

SECTIONS = ("Resources", "Parameters", "Conditions", "Outputs")
NAMES = {
    "AlarmName", "ClusterName", "Family", "LogGroupName", "Name", "PolicyName", "RepositoryName",
    "ServiceName", "tag Name",
}  # fmt: skip
"""What names a resource in AWS."""
MARK = re.compile(r"[Mm]arked(service|secret)\d+")
ANY_NAME = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
ANY_ID = r"[A-Z][A-Za-z0-9]*"


def marked(system: System) -> System:
    """The system with names of services and secrets that are nobody else's."""
    services = {name: f"markedservice{number}" for number, name in enumerate(system.services)}
    secrets = {name: f"markedsecret{number}" for number, name in enumerate(system.secrets)}
    described = {
        services[name]: one.model_copy(
            update={
                "calls": tuple(services[callee] for callee in one.calls),
                "secrets": {
                    variable: read.model_copy(update={"secret": secrets[read.secret]})
                    for variable, read in one.secrets.items()
                },
            }
        )
        for name, one in system.services.items()
    }
    kept = {secrets[name]: one for name, one in system.secrets.items()}
    return system.model_copy(update={"services": described, "secrets": kept})


def pattern(name: str) -> tuple[str, str] | None:
    """What stands before and behind the name of a service or a secret; none where there is none."""
    found = MARK.search(name)
    return (name[: found.start()], name[found.end() :]) if found else None


def meetings(names: Iterable[str], any_name: str) -> list[tuple[str, str]]:
    """Two of the names each, where services or secrets can have names that make them the same."""
    ours = {name for name in names if not pattern(name)}
    patterns = {one for name in names if (one := pattern(name))}
    found = []
    for before, behind in patterns:
        wanted = re.compile(re.escape(before) + any_name + re.escape(behind))
        found += [(f"{before}…{behind}", name) for name in ours if wanted.fullmatch(name)]
    for (before, behind), (start, end) in combinations(patterns, 2):
        begin_alike = before.startswith(start) or start.startswith(before)
        if begin_alike and (behind.endswith(end) or end.endswith(behind)):
            found.append((f"{before}…{behind}", f"{start}…{end}"))
    return found


@cache
def rendered(name: str) -> Rendering:
    return many.rendering(marked(many.system(100) if name == many.NAME else described(name)))


@pytest.mark.parametrize("name", [*SYSTEMS, many.NAME])
def test_no_name_makes_two_things_of_a_template_the_same(name: str) -> None:
    templates = rendered(name).templates
    kinds = {
        (file, section): template[section].keys()
        for file, template in templates.items()
        for section in SECTIONS
        if section in template
    }
    assert any(pattern(one) for names in kinds.values() for one in names)
    assert {kind: met for kind, names in kinds.items() if (met := meetings(names, ANY_ID))} == {}
    assert meetings(templates, ANY_NAME) == []


@pytest.mark.parametrize("name", [*SYSTEMS, many.NAME])
def test_no_name_makes_two_things_in_aws_the_same(name: str) -> None:
    system = resolve(rendered(name), samples(rendered(name)))
    kinds: dict[tuple[str, str], set[str]] = {}
    for resource in system.resources.values():
        tags = {one["Key"]: one["Value"] for one in resource.properties.get("Tags") or ()}
        for key, value in {**resource.properties, "tag Name": tags.get("Name")}.items():
            if key in NAMES and value is not None:
                kinds.setdefault((resource.type, key), set()).add(str(value))
    assert any(pattern(one) for names in kinds.values() for one in names)
    assert {kind: met for kind, names in kinds.items() if (met := meetings(names, ANY_NAME))} == {}


def test_names_that_meet_are_found() -> None:
    service, other = "payment-markedservice0-dev", "payment-markedservice0-errors-dev"

    assert meetings({service, "payment-load-balancer-dev"}, ANY_NAME)
    assert meetings({service, other}, ANY_NAME)
    assert not meetings({service, "payment-markedservice1-dev", "payment-Balancer-dev"}, ANY_NAME)
    assert meetings({"EgressToMarkedservice0", "EgressToPort"}, ANY_ID)
    assert not meetings({"EgressToMarkedservice0", "EgressTo9"}, ANY_ID)
    assert meetings({"EgressToMarkedservice0", "Markedsecret0Arn"}, ANY_ID)
    assert not meetings({"Markedservice0Id", "Markedsecret0Arn"}, ANY_ID)
