"""Looks whether the account may have as many vCPU on Fargate as the tasks of a system take.

New accounts may have few, and more are granted within days: it is told before the tasks are there.
Source of the codes: Service Quotas, "Fargate On-Demand vCPU resource count" and "Fargate Spot vCPU
resource count".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Final

from botocore.exceptions import ClientError

from checks.resolved import Resource, System
from delivery.preflight.quotas import allowed, ask_for, refused
from delivery.preflight.results import Result, later, ok, problem, unknown
from delivery.preflight.subject import Subject

SERVICE: Final = "fargate"
CODES: Final = {"FARGATE": "L-3032A538", "FARGATE_SPOT": "L-36FBB829"}
"""The quota of each capacity provider."""

NAMES: Final = {"FARGATE": "Fargate On-Demand", "FARGATE_SPOT": "Fargate Spot"}


@dataclass(frozen=True)
class Take:
    """What services take of one capacity provider, in vCPU."""

    least: float = 0.0
    """With as few tasks as they may have."""
    most: float = 0.0
    """With as many."""

    def __add__(self, other: "Take") -> "Take":
        return Take(self.least + other.least, self.most + other.most)


def check(it: Subject) -> Iterator[Result]:
    """Compare the vCPU of all tasks with the account's quotas, where they are more than before: up
    to two calls for each quota. What else runs in the account is not counted.
    """
    wanted = vcpus(it.system if it.deployed else it.system_with_images)
    before = vcpus(it.before) if it.before else {}
    for provider, take in sorted(wanted.items()):
        was = before.get(provider, Take())
        if take.most > was.most or take.least > was.least:
            yield _compared(it, provider, take)


def vcpus(system: System) -> dict[str, Take]:
    """Return what the services of a system take of each capacity provider."""
    found: dict[str, Take] = {}
    for service in system.of_type("AWS::ECS::Service"):
        target = _target_of(system, service)
        task = system.find("AWS::ECS::TaskDefinition", service.properties["TaskDefinition"])
        if not target or not task:
            continue
        each = int(task.properties["Cpu"]) / 1024
        least, most = (
            _placed(service, int(target.properties[bound]))
            for bound in ("MinCapacity", "MaxCapacity")
        )
        for provider in CODES:
            take = Take(least.get(provider, 0) * each, most.get(provider, 0) * each)
            found[provider] = found.get(provider, Take()) + take
    return found


def _target_of(system: System, service: Resource) -> Resource | None:
    targets = system.of_type("AWS::ApplicationAutoScaling::ScalableTarget")
    return next((one for one in targets if one.stack == service.stack), None)


def _placed(service: Resource, tasks: int) -> dict[str, int]:
    """Return how many of a service's tasks each capacity provider takes.

    Source: Amazon ECS Developer Guide, "Capacity provider concepts": the base first, the rest by
    weights. Parts of a task count as one.
    """
    strategy = service.properties["CapacityProviderStrategy"]
    placed = {one["CapacityProvider"]: min(int(one.get("Base", 0)), tasks) for one in strategy}
    weights = {one["CapacityProvider"]: int(one.get("Weight", 0)) for one in strategy}
    rest = max(tasks - sum(placed.values()), 0)
    whole = sum(weights.values()) or 1
    return {one: placed[one] + ceil(rest * weights[one] / whole) for one in placed}


def _compared(it: Subject, provider: str, take: Take) -> Result:
    name, code = NAMES[provider], CODES[provider]
    try:
        most = allowed(it.aws, SERVICE, code)
    except ClientError as error:
        return unknown(f"how many vCPU of {name} there may be: {refused(error)}")
    more = f"Ask for more with: {ask_for(it.aws, SERVICE, code, ceil(take.most))}"
    if take.least > most:
        return problem(
            f"The account may have {most} vCPU of {name} in {it.aws.region}, and all tasks take "
            f"{take.least:g} from the start. {more}"
        )
    if take.most > most:
        return later(
            f"the account may have {most} vCPU of {name}, and all services at their maximum take "
            f"{take.most:g}: they could not scale out so far. {more}"
        )
    return ok(f"{take.least:g} to {take.most:g} of {most} vCPU of {name}")
