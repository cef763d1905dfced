"""Outputs give what their names say."""

from collections.abc import Iterator

from checks.consistency.nest import (
    CLUSTER,
    LOAD_BALANCER,
    NAMESPACE,
    REPOSITORY,
    SERVICE,
    Nest,
    text,
)
from checks.consistency.rule import Hit, Hits, rule
from description.names import MOST_OUTPUTS, pascal


@rule("E9781")
def something_else(nest: Nest) -> Hits:
    """Require that the parent's outputs are what they are called: people and scripts send requests
    and images there.
    """
    for name, values in _wanted(nest):
        found = text(nest.system.outputs.get(name))
        if values and found not in values:
            message = f"the output {name} must be {' or '.join(sorted(values))}, found {found}"
            yield Hit(nest.parent, message)
        elif not values and found is not None:
            yield Hit(nest.parent, f"the output {name} is for something that is not there")


def _wanted(nest: Nest) -> Iterator[tuple[str, set[str]]]:
    """Yield the name of each output and what it may give; nothing where it should not be there."""

    def of(kind: str, attribute: str | None = None) -> set[str]:
        return {nest.identity(one, attribute) for one in nest.system.of_type(kind)}

    yield "VpcId", of("AWS::EC2::VPC")
    yield "EcsClusterName", of(CLUSTER)
    yield "AlbDnsName", of(LOAD_BALANCER, "DNSName")
    yield (
        "ServiceDiscoveryNamespace",
        {str(one.properties.get("Name")) for one in nest.system.of_type(NAMESPACE)},
    )
    yield (
        "RegistryUri",
        {uri.partition("/")[0] for uri in of(REPOSITORY, "RepositoryUri")},
    )
    told = len(nest.described.services) <= MOST_OUTPUTS
    for name, parts in nest.services.items() if told else ():
        service = parts.only(SERVICE)
        made = {nest.identity(service, "Name")} if service else set()
        yield f"{pascal(name)}ServiceName", made
