"""What has to be there before something else is, although it does not refer to it."""

from typing import Final

from checks.consistency.nest import (
    CLUSTER,
    PROVIDERS,
    ROLE,
    SCALABLE_TARGET,
    SERVICE,
    TASK,
    Nest,
    below,
    each,
    every,
    refers_to,
    text,
)
from checks.consistency.rule import Hit, Hits, rule

_STRATEGY: Final = "CapacityProviderStrategy"
_RULES: Final = ("AWS::EC2::SecurityGroupEgress", "AWS::EC2::SecurityGroupIngress")


@rule("E9791")
def before_its_capacity(nest: Nest) -> Hits:
    """Require that a service waits until its cluster has the capacity providers of its strategy:
    ECS refuses it before.
    """
    providers = nest.system.of_type(PROVIDERS)
    for _, service in nest.ecs_services():
        offered = {
            str(name) for one in providers for name in every(one.properties, "CapacityProviders")
        }
        wanted = {str(one.get("CapacityProvider")) for one in each(service.properties, _STRATEGY)}
        if missing := sorted(wanted - offered):
            yield Hit(service, f"{', '.join(missing)} is not offered by its cluster", (_STRATEGY,))
        if wanted and not any(nest.waits_for(service, one) for one in providers):
            listed = " or ".join(one.address for one in providers)
            yield Hit(service, f"must wait for {listed}: its stack needs a DependsOn")


@rule("E9792")
def before_its_rules(nest: Nest) -> Hits:
    """Require that a service waits for the security group rules in its stack: its first tasks would
    find nobody, and be found by nobody, and count as failed.
    """
    for parts, service in nest.ecs_services():
        before = nest.before(service)
        for one in (one for kind in _RULES for one in parts.of_type(kind)):
            if one.address not in before:
                yield Hit(service, f"must wait for {one.logical_id}: it needs a DependsOn")


@rule("E9793")
def before_its_service(nest: Nest) -> Hits:
    """Require that a scalable target waits for its service, which it only names: Application Auto
    Scaling refuses a service that is not there.
    """
    for parts in nest.services.values():
        service = parts.only(SERVICE)
        for target in parts.of_type(SCALABLE_TARGET):
            if service is not None and service.address not in nest.before(target):
                yield Hit(target, f"must wait for {service.logical_id}: it needs a DependsOn")


@rule("E9794")
def before_its_rights(nest: Nest) -> Hits:
    """Require that a service waits for the policies that are attached to its roles: its first tasks
    could neither pull their image nor read their secrets.
    """
    policies = [one for kind in _POLICIES for one in nest.system.of_type(kind)]
    for parts, service in nest.ecs_services():
        task = parts.only(TASK)
        names = ("ExecutionRoleArn", "TaskRoleArn")
        roles = (
            [nest.system.find(ROLE, task.properties.get(name)) for name in names] if task else []
        )
        before = nest.before(service)
        for policy in policies:
            attached = policy.properties.get("Roles", [policy.properties.get("RoleName")])
            ours = any(role and refers_to(one, role, nest) for role in roles for one in attached)
            if ours and policy.address not in before:
                yield Hit(service, f"must wait for {policy.address}: it needs a DependsOn")


_POLICIES: Final = ("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy")


@rule("E9795")
def capacity_as_described(nest: Nest) -> Hits:
    """Require the described shares of Fargate and Fargate Spot, in the cluster of the system: what
    runs on Spot alone can be taken away as a whole.
    """
    for parts, service in nest.ecs_services():
        found = {
            str(one.get("CapacityProvider")): (_number(one.get("Base")), _number(one.get("Weight")))
            for one in each(service.properties, _STRATEGY)
        }
        chosen = parts.spec.capacity
        wanted = {
            "FARGATE": (chosen.fargate_base, chosen.fargate_weight),
            "FARGATE_SPOT": (0, chosen.spot_weight),
        }
        wanted = {name: shares for name, shares in wanted.items() if shares != (0, 0)}
        if found != wanted:
            yield Hit(service, f"must be {wanted} (base, weight), found {found}", (_STRATEGY,))
    clusters = nest.system.of_type(CLUSTER)
    for one in nest.system.of_type(PROVIDERS):
        if not any(refers_to(one.properties.get("Cluster"), cluster, nest) for cluster in clusters):
            yield Hit(one, "must be of this system's cluster", ("Cluster",))


@rule("E9796")
def deployments_with_room(nest: Nest) -> Hits:
    """Require that a deployment keeps all tasks, starts new ones beside them and spreads them over
    the zones: fewer would answer slower just then.
    """
    deployment = "DeploymentConfiguration"
    for _, service in nest.ecs_services():
        least = text(below(service.properties, deployment, "MinimumHealthyPercent"))
        if least not in (None, "100"):  # 100 is what ECS takes for none
            where = (deployment, "MinimumHealthyPercent")
            yield Hit(service, f"must be 100, found {least}", where)
        most = _number(below(service.properties, deployment, "MaximumPercent") or 200)
        if most < 200:
            yield Hit(service, f"must be 200 or more, found {most}", (deployment, "MaximumPercent"))
        spread = service.properties.get("AvailabilityZoneRebalancing")
        if spread != "ENABLED":
            message = f"must be ENABLED: what ECS takes for none has changed, found {spread}"
            yield Hit(service, message, ("AvailabilityZoneRebalancing",))


def _number(value: object) -> int:
    known = text(value)
    return int(known) if known and known.isdecimal() else 0
