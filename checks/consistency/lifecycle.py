"""What outlives its stack, and how things are found and paid for afterwards."""

from typing import Final

from checks.consistency.additions import known
from checks.consistency.nest import CLUSTER, TASK, Nest, each, text
from checks.consistency.rule import Hit, Hits, rule
from checks.resolved import Resource
from description.guardduty import TAG as GUARDDUTY_TAG

KEY: Final = "AWS::KMS::Key"

STATEFUL: Final = frozenset(
    {
        "AWS::DynamoDB::Table",
        "AWS::ECR::Repository",
        KEY,
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::SecretsManager::Secret",
    }
)
"""Types that hold what cannot be made again."""

NAMED_BY_TAG: Final = frozenset(
    {
        "AWS::EC2::EIP",
        "AWS::EC2::FlowLog",
        "AWS::EC2::InternetGateway",
        "AWS::EC2::NatGateway",
        "AWS::EC2::RouteTable",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::Subnet",
        "AWS::EC2::VPC",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::S3::Bucket",
        "AWS::SNS::Topic",
        "AWS::WAFv2::WebACL",
        KEY,
    }
)
"""Types without a name of their own: the console shows their tag ``Name``."""


@rule("E9771")
def removed_otherwise(nest: Nest) -> Hits:
    """Require that what cannot be made again, and the keys to it, stay or go with their stack as
    described: a key that goes takes the logs with it, a repository that stays blocks the next one.
    """
    stateful = [one for one in nest.system.resources.values() if one.type in STATEFUL]
    for resource in stateful:
        retained = nest.described.removal_policy == "retain" and (
            resource.type != KEY or any(_encrypts(nest, resource, one) for one in stateful)
        )
        wanted = {
            "DeletionPolicy": ("RetainExceptOnCreate", "Retain") if retained else ("Delete",),
            "UpdateReplacePolicy": ("Retain",) if retained else ("Delete",),
        }
        for name, allowed in wanted.items():
            found = resource.attributes.get(name, "Delete")
            if found not in allowed:
                yield Hit(resource, f"must have the {name} {allowed[0]}, found {found}")


def _encrypts(nest: Nest, key: Resource, other: Resource) -> bool:
    names = nest.identities(key)
    return other is not key and any(str(value) in names for _, value in nest.texts[other.address])


@rule("E9772")
def no_way_back(nest: Nest) -> Hits:
    """Require that a replaced revision of a task definition stays active: without it there is
    nothing to go back to by hand.
    """
    for task in nest.system.of_type(TASK):
        if task.attributes.get("UpdateReplacePolicy") != "Retain":
            yield Hit(task, "must have the UpdateReplacePolicy Retain")


@rule("E9773")
def tags_as_described(nest: Nest) -> Hits:
    """Require the described tags on every nested stack, which hands them on to its resources, and
    on the parent's own resources: costs and owners are found by them (PCI DSS 12.5.1).
    """
    wanted = {key: text(value) for key, value in nest.described.tags.items()}
    for stack in nest.system.stacks.values():
        if stack.address and {key: text(value) for key, value in stack.tags.items()} != wanted:
            found = dict(stack.tags)
            yield Hit(stack, f"must have the tags {wanted}, found {found}")
    for resource in nest.system.resources.values():
        if not resource.stack and "Tags" in known().get(resource.type, ()):
            tags = {
                one.get("Key"): text(one.get("Value")) for one in each(resource.properties, "Tags")
            }
            if any(tags.get(key) != value for key, value in wanted.items()):
                yield Hit(resource, f"must have the tags {wanted}, found {tags}", ("Tags",))


@rule("E9774")
def without_a_name(nest: Nest) -> Hits:
    """Require a tag ``Name``, different for each, on what has no name of its own: people take one
    subnet or group for another otherwise.
    """
    names: dict[tuple[str, str], str] = {}
    for resource in nest.system.of_type(*sorted(NAMED_BY_TAG)):
        tags = each(resource.properties, "Tags")
        name = next((text(one.get("Value")) for one in tags if one.get("Key") == "Name"), None)
        if not name:
            yield Hit(resource, "must have the tag Name", ("Tags",))
        elif names.setdefault((resource.type, name), resource.address) != resource.address:
            message = f"is also the Name of {names[resource.type, name]}: {name}"
            yield Hit(resource, message, ("Tags",))


@rule("E9775")
def tasks_without_tags(nest: Nest) -> Hits:
    """Require that tasks take over their service's tags, and ECS's own: one without any is on
    nobody's bill.
    """
    for _, service in nest.ecs_services():
        wanted = {"PropagateTags": "SERVICE", "EnableECSManagedTags": "true"}
        for name, value in wanted.items():
            if text(service.properties.get(name)) != value:
                message = f"must be {value}, found {service.properties.get(name)}"
                yield Hit(service, message, (name,))


@rule("E9777")
def unwatched_cluster(nest: Nest) -> Hits:
    """Require the cluster's tag that has GuardDuty watch its tasks, unless the described tags say
    otherwise: an intruder in a container is seen by nobody else.
    """
    wanted = nest.described.tags.get(GUARDDUTY_TAG, "true")
    for cluster in nest.system.of_type(CLUSTER):
        tags = {
            text(one.get("Key")): text(one.get("Value")) for one in each(cluster.properties, "Tags")
        }
        if tags.get(GUARDDUTY_TAG) != wanted:
            message = f"must have the tag {GUARDDUTY_TAG} {wanted}, found {tags.get(GUARDDUTY_TAG)}"
            yield Hit(cluster, message, ("Tags",))
