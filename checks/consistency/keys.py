"""Keys: what is stored is encrypted with the described one, which serves one purpose."""

from typing import Any, Final

from checks.consistency.nest import LOG_GROUP, REPOSITORY, SECRET, Nest, below
from checks.consistency.rule import Hit, Hits, rule
from checks.resolved import Resource

KEY: Final = "AWS::KMS::Key"
_PLACES: Final = {
    LOG_GROUP: ("KmsKeyId",),
    REPOSITORY: ("EncryptionConfiguration", "KmsKey"),
    SECRET: ("KmsKeyId",),
    "AWS::SNS::Topic": ("KmsMasterKeyId",),
}
"""Type to where it names its key."""


@rule("E9753")
def another_key_than_described(nest: Nest) -> Hits:
    """Require this system's key for log groups, secrets and images where the description wants one,
    and none where it does not: what was forgotten is read by whoever may use an AWS key.
    """
    described = nest.described
    wanted = {
        LOG_GROUP: described.logs.key,
        REPOSITORY: described.registry.key,
        SECRET: described.secrets_key,
    }
    for kind, key in wanted.items():
        for resource in nest.system.of_type(kind):
            found = below(resource.properties, *_PLACES[kind])
            if key == "customer" and nest.system.find(KEY, found) is None:
                yield Hit(resource, f"must be a key of this system, found {found}", _PLACES[kind])
            elif key != "customer" and found is not None:
                yield Hit(resource, "is not in the description", _PLACES[kind])
    for repository in nest.system.of_type(REPOSITORY):
        kind = below(repository.properties, "EncryptionConfiguration", "EncryptionType")
        if (kind == "KMS") != (described.registry.key == "customer"):
            where = ("EncryptionConfiguration", "EncryptionType")
            yield Hit(repository, f"is not as described: {kind}", where)


@rule("E9764")
def key_for_two_purposes(nest: Nest) -> Hits:
    """Require a key of its own for logs, secrets, images and alarms: who may use one for the logs
    would open the secrets too.
    """
    purposes: dict[str, Resource] = {}
    for kind, path in _PLACES.items():
        for resource in nest.system.of_type(kind):
            key = _key(nest, below(resource.properties, *path))
            if key is None:
                continue
            first = purposes.setdefault(key.address, resource)
            if first.type != resource.type:
                yield Hit(resource, f"has the key of {first.address}", path)


def _key(nest: Nest, value: Any) -> Resource | None:
    return None if value is None else nest.system.find(KEY, value)
