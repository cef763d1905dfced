"""What a deployment would do, from the templates alone, resource by resource as a change set.

CloudFormation looks at each nested stack with the outputs that its neighbours have now, and says
"maybe" where one of these may change. Here both systems are resolved as a whole, so that a
reference to a resource that stays what it is, is no change.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from checks import schemas
from checks.differences import differences
from checks.resolved import Reference, Resource, System, is_retained, references
from delivery import moves, values
from delivery.changes import UNKNOWN, Cause, Change, Replacement

_NEEDS: Mapping[schemas.Recreation, Replacement] = {
    "Always": "yes",
    "Conditionally": "maybe",
    "Never": "no",
}
_ORDER: tuple[Replacement, ...] = ("no", "maybe", "yes")


def forecast(before: System, after: System) -> list[Change]:
    """Return what happens to each resource on the way from one system to another.

    What follows from a replacement is followed through the whole nest: who refers to the old
    resource is changed too, and perhaps replaced itself.
    """
    common = [address for address in after.resources if address in before.resources]
    direct = {
        address: list(_direct(before.resources[address], after.resources[address]))
        for address in common
    }
    replaced = {address: _worst(causes) for address, causes in direct.items()}
    while True:
        causes = {
            address: [*direct[address], *_following(after.resources[address], replaced)]
            for address in common
        }
        now = {address: _worst(found) for address, found in causes.items()}
        if now == replaced:
            break
        replaced = now
    changed = [
        _change(
            after.resources[address],
            "Modify",
            _worst(found),
            found,
            retained=is_retained(before.resources[address].attributes, "UpdateReplacePolicy"),
        )
        for address, found in causes.items()
        if found
    ]
    added = [
        _change(resource, "Add")
        for address, resource in after.resources.items()
        if address not in before.resources
    ]
    removed = [
        _change(resource, "Remove", retained=_stays(before, after, resource))
        for address, resource in before.resources.items()
        if address not in after.resources
    ]
    return sorted([*added, *changed, *removed], key=lambda change: change.address)


def obstacles(changes: list[Change], before: System, after: System) -> Iterator[str]:
    """Yield why a replacement, or a move to another stack, will fail: the new resource needs the
    name that the old one has.

    Source: CloudFormation User Guide, "Name type": a custom-named resource cannot be replaced under
    its name, because the new one is made before the old one goes.
    """
    holders = {
        (one.type, one.properties.get(_name(one.type))): one.address
        for one in before.resources.values()
        if isinstance(one.properties.get(_name(one.type)), str)
    }
    for change in changes:
        if change.action == "Add":
            name = _name(change.type)
            value = after.resources[change.address].properties.get(name)
            if isinstance(value, str) and (holder := holders.get((change.type, value))):
                yield (
                    f"{change.address} cannot be made: it would have the {name} of {holder}, "
                    f"{value}, which {moves.advice(holder, change.address)}."
                )
        if change.replacement != "yes" or change.action != "Modify":
            continue
        name = _name(change.type)
        value = before.resources[change.address].properties.get(name)
        if value is not None and value == after.resources[change.address].properties.get(name):
            yield (
                f"{change.address} cannot be replaced as it is: the new one would have the "
                f"{name} of the old one, {value}. Give it another name, or undo the change of "
                f"{_first(change)}."
            )


_NAMED = {
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::ECS::Cluster": "ClusterName",
    "AWS::ECS::Service": "ServiceName",
    "AWS::EC2::SecurityGroup": "GroupName",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "Name",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "Name",
    "AWS::IAM::Role": "RoleName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::WAFv2::WebACL": "Name",
}
"""The property of a type that may hold a name which is taken as long as the resource is there."""


def _name(resource_type: str) -> str:
    return _NAMED.get(resource_type, "")


def _first(change: Change) -> str:
    return next(cause.property for cause in change.causes if cause.replaces == "yes")


def _direct(before: Resource, after: Resource) -> Iterator[Cause]:
    """Yield what differs in a resource by itself."""
    if before.type != after.type:
        yield Cause("Type", "yes", before.type, after.type)
        return
    for path, old, new in differences(before.properties, after.properties):
        need = _NEEDS[_recreation(after.type, path)]
        yield Cause(path, need, _shown(path, old), _shown(path, new))
    for path, old, new in differences(before.attributes, after.attributes):
        yield Cause(path, "no", _shown(path, old), _shown(path, new))


def _following(resource: Resource, replaced: Mapping[str, Replacement]) -> Iterator[Cause]:
    """Yield the properties that refer to what is replaced."""
    for name, value in resource.properties.items():
        for reference in sorted(set(references(value)), key=str):
            above = replaced.get(reference.address, "no")
            if above == "no":
                continue
            need = _NEEDS[_recreation(resource.type, name)]
            least = min(above, need, key=_ORDER.index)
            entity = reference.address
            if reference.attribute:
                entity = f"{entity}.{reference.attribute}"
            yield Cause(name, least, str(reference), UNKNOWN, entity)


def _recreation(resource_type: str, path: str) -> schemas.Recreation:
    """Return whether a change of a property replaces; of a type that nobody knows it may."""
    if not schemas.known(resource_type):
        return "Conditionally"
    return schemas.recreation(resource_type, *path.split("/"))


def _worst(causes: list[Cause]) -> Replacement:
    return max((cause.replaces for cause in causes), key=_ORDER.index, default="no")


def _change(
    resource: Resource,
    action: str,
    replacement: Replacement = "no",
    causes: list[Cause] | None = None,
    *,
    retained: bool = False,
) -> Change:
    *path, logical_id = resource.address.split("/")
    worst_first = sorted(causes or [], key=lambda cause: -_ORDER.index(cause.replaces))
    return Change(
        tuple(path),
        logical_id,
        resource.type,
        action,
        replacement,
        causes=tuple(worst_first),
        retained=retained and (action == "Remove" or replacement != "no"),
    )


def _stays(before: System, after: System, resource: Resource) -> bool:
    """Return whether what is removed stays in the account: by its own policy, or that of a stack
    around it that goes too.
    """
    steps = resource.address.split("/")[:-1]
    around = ("/".join(steps[:count]) for count in range(1, len(steps) + 1))
    left = any(before.stacks[one].retained for one in around if one not in after.stacks)
    return left or is_retained(resource.attributes)


def _shown(path: str, value: Any) -> str | None:
    return values.shown(path, _plain(value))


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it: references as texts."""
    if isinstance(value, Reference):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
