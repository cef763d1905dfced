"""Systems of unusual shapes, at each limit and just over it: they build within every quota, or one
clear message says what is too much and what to do.
"""

from collections.abc import Callable
from typing import Any

import pytest

from checks import contracts, quotas
from checks.consistency import sizes
from checks.consistency.nest import Nest
from checks.resolved import resolve, samples
from description.crosschecks import check
from description.mistakes import dotted
from description.model import System
from description.rules import room
from description.rules.services import MOST_SERVICES
from description.shards import MOST, SECRETS, SERVICES
from tests import many

LONGEST_NAME = 32
ARN = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:"
Content = dict[str, Any]


def slow(*values: Any, id: str) -> Any:  # noqa: A002 - as pytest.param has it
    return pytest.param(*values, marks=pytest.mark.slow, id=id)


def names(count: int, length: int = 0) -> list[str]:
    """Return names of services, with so many characters if need be."""
    return [f"s{index:03}".ljust(length, "x") for index in range(count)]


def service(index: int = 0, **more: Any) -> Content:
    """Return a service in the shard where there is room for it."""
    shard = {"shard": 1 + index // SERVICES}
    return {"port": 8080, "health_check": {"command": ["CMD", "/alive"]}, **shard, **more}


def whole(services: Content, secrets: Content | None = None, **more: Any) -> System:
    content = {"name": "odd", "description": "Odd", "services": services}
    return System.model_validate(content | {"secrets": secrets or {}} | more)


def reads(read: list[str]) -> Content:
    return {f"V{place}": {"secret": name, "key": "a"} for place, name in enumerate(read)}


def secrets(count: int) -> Content:
    return {
        f"k{index:03}": {"description": "d", "keys": ["a"], "shard": 1 + index // SECRETS}
        for index in range(count)
    }


def called_by_all(count: int, length: int = 0) -> System:
    hub, *others = names(count, length)
    callers = {name: service(n, calls=[hub]) for n, name in enumerate(others, 1)}
    return whole({hub: service()} | callers)


def calls(callees: int, read: int = 0, routes: int = 0, **more: Any) -> System:
    """A service that calls others, reads secrets and has routes."""
    hub, *others = ("hub", *names(callees, LONGEST_NAME))
    known = secrets(read)
    ways = [{"priority": n + 1, "paths": [f"/{n}/*"]} for n in range(routes)]
    spec = service(calls=others, secrets=reads(list(known)), routes=ways)
    if routes:
        spec["scaling"] = {"requests_per_target": 1000}
    callees_of_it = {name: service(place) for place, name in enumerate(others, 1)}
    return whole({hub: spec} | callees_of_it, known, **more)


def all_call_all(count: int) -> System:
    every = names(count)
    return whole(
        {one: service(n, calls=[o for o in every if o != one]) for n, one in enumerate(every)}
    )


def own_secrets(count: int, each: int, per_shard: int = SERVICES) -> System:
    """Each service reads secrets of its own; a shard has fewer services than it could have."""
    known = secrets(count * each)
    listed = list(known)
    services = {
        name: service(shard=1 + n // per_shard, secrets=reads(listed[n * each : (n + 1) * each]))
        for n, name in enumerate(names(count))
    }
    return whole(services, known)


def shared_secrets(count: int, read: int) -> System:
    """All services read some of the same secrets, each the next few."""
    known = secrets(read)
    listed = list(known) * 2
    step = -(-read // count)
    services = {
        name: service(n, secrets=reads(listed[n * step % read :][:step]))
        for n, name in enumerate(names(count))
    }
    return whole(services, known)


def one_reads(count: int) -> System:
    known = secrets(count)
    return whole({"api": service(secrets=reads(list(known)))}, known)


def all_routed(count: int) -> System:
    ways = {
        name: service(n, routes=[{"priority": n + 1, "paths": [f"/{name}/*"]}])
        for n, name in enumerate(names(count, LONGEST_NAME))
    }
    return whole(ways)


def permitted(count: int, each: int) -> System:
    """Each service may send to queues of its own."""
    services = {
        name: service(
            n,
            permissions=[
                {
                    "sid": "Send",
                    "actions": ["sqs:SendMessage"],
                    "resources": [f"{ARN}{name}-receipts-of-payments-{q:03}" for q in range(each)],
                }
            ],
        )
        for n, name in enumerate(names(count))
    }
    return whole(services)


def with_environment(count: int) -> System:
    return whole({"api": service(environment={f"V{n:03}": "v" * 100 for n in range(count)})})


def in_shards(count: int) -> System:
    """So many services as there may be, and secrets, over so many shards."""
    services = {name: service(shard=1 + n % count) for n, name in enumerate(names(MOST_SERVICES))}
    known = {f"k{n:03}": {"description": "d", "keys": ["a"], "shard": 1 + n} for n in range(count)}
    for spec, secret in zip(services.values(), known, strict=False):
        spec["secrets"] = reads([secret])
    services[names(1)[0]]["routes"] = [{"priority": 1, "paths": ["/*"]}]
    return whole(services, known)


def too_much(system: System) -> list[str]:
    """Return what is said of a system: of its description, else of its templates."""
    said = [f"{dotted(one.where)}: {one.problem}" for one in check(system)]
    if said:
        return said
    found = many.rendering(system)
    nest = Nest(found, resolve(found, {**samples(found), "EnvironmentSuffix": "e" * 16}), system)
    rules = (sizes.policies_of_a_role, sizes.policy_of_an_endpoint, sizes.size_of_a_task)
    findings = [
        *quotas.check(found),
        *contracts.check(found),
        *(hit.finding(rule.id) for rule in rules for hit in rule.find(nest)),
    ]
    return [f"{one.rule} {one.file} {one.message}" for one in findings]


FITS = [
    pytest.param(lambda: called_by_all(86), id="hub called by 85"),
    slow(lambda: called_by_all(MOST_SERVICES, LONGEST_NAME), id="hub called by all"),
    slow(lambda: calls(165), id="hub calls 165"),
    pytest.param(lambda: calls(0, routes=430), id="430 routes of one service"),
    slow(lambda: own_secrets(58, 3, 58), id="58 services with 3 secrets each"),
    slow(lambda: own_secrets(MOST_SERVICES, 3, 58), id="900 secrets"),
    pytest.param(lambda: shared_secrets(60, room.SECRETS_OF_A_SHARD), id="shared secrets"),
    pytest.param(lambda: one_reads(43), id="43 secrets of one service"),
    slow(lambda: all_routed(100), id="100 with routes"),
    pytest.param(lambda: permitted(1, 138), id="138 queues of one service"),
    slow(lambda: permitted(55, 5), id="5 queues of each service"),
    pytest.param(lambda: with_environment(500), id="large environment"),
    slow(lambda: all_call_all(95), id="95 that all call one another"),
    slow(lambda: in_shards(MOST), id="all shards"),
]


@pytest.mark.parametrize("make", FITS)
def test_builds_within_every_quota_and_without_a_warning_of_one(
    make: Callable[[], System],
) -> None:
    system = make()
    assert too_much(system) == []
    for name, template in many.rendering(system).templates.items():
        for part, most in (("Parameters", 200), ("Resources", 500), ("Outputs", 200)):
            assert len(template.get(part, {})) <= 0.9 * most, (name, part)


OVER = [
    pytest.param(lambda: called_by_all(301), "services: are too many", id="301 services"),
    pytest.param(lambda: calls(166), "services.hub: calls 166 ", id="hub calls 166"),
    pytest.param(lambda: calls(140, 26), "reads 26 secrets, ", id="hub calls 140 and reads 26"),
    pytest.param(lambda: calls(165, routes=101), "has 101 routes ", id="hub with 101 routes"),
    pytest.param(lambda: calls(0, routes=431), "has 431 routes ", id="431 routes of one service"),
    pytest.param(lambda: own_secrets(59, 3, 59), "shard 1 read 177 secrets", id="177 secrets"),
    pytest.param(lambda: all_routed(101), "routes: are too many: 100 ", id="101 with routes"),
    pytest.param(lambda: one_reads(44), "E9797 odd/production/roles.json", id="44 secrets"),
    pytest.param(lambda: permitted(1, 142), "E9797 odd/production/roles.json", id="142 queues"),
    pytest.param(lambda: permitted(60, 5), "E9798 odd/production/network.json", id="300 queues"),
    pytest.param(
        lambda: with_environment(510), "E9799 odd/production/service-api.json", id="environment"
    ),
    slow(lambda: all_call_all(100), "E9301 odd/production/parent.json", id="100 call all"),
    slow(lambda: own_secrets(MOST_SERVICES, 4, 43), "E9308 odd", id="1,200 secrets"),
]


@pytest.mark.parametrize(("make", "says"), OVER)
def test_what_is_too_much_is_one_message_that_says_what_to_do(
    make: Callable[[], System], says: str
) -> None:
    (said,) = too_much(make())
    assert says in said


@pytest.mark.slow(reason="renders systems of the largest stacks")
def test_the_rules_know_how_many_parameters_the_stacks_have_at_most() -> None:
    system = calls(140, 25, routes=1, registry={"mode": "existing"})
    found = many.rendering(system).templates
    assert too_much(system) == []
    assert len(found["service-hub.json"]["Parameters"]) == 180 == room.CALLS_AND_SECRETS + 15

    system = whole(
        own_secrets(35, 5, 35).model_dump(mode="json")["services"],
        secrets(175),
        registry={"mode": "existing"},
    )
    found = many.rendering(system).templates
    assert len(found["roles.json"]["Parameters"]) == 180 == room.SECRETS_OF_A_SHARD + 5


def test_the_rule_knows_how_many_resources_a_service_has_at_most() -> None:
    system = calls(165, routes=100)
    assert check(system) == []
    resources = many.rendering(system).templates["service-hub.json"]["Resources"]
    assert 15 <= len(resources) - room.CALLS_AND_ROUTES <= 20


def test_what_no_rule_foresees_is_rendered_and_found() -> None:
    over = {one.file: one.rule for one in quotas.check(many.rendering(one_reads(201)))}
    assert over == dict.fromkeys(
        ("odd/production/roles.json", "odd/production/service-api.json"), "E9302"
    )
