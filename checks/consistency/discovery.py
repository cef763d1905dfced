"""Services find one another: namespace, entries and registrations fit together."""

from checks.consistency.nest import (
    ENTRY,
    NAMESPACE,
    SERVICE,
    Nest,
    below,
    each,
    refers_to,
    section,
    text,
)
from checks.consistency.rule import Hit, Hits, rule


@rule("E9731")
def namespace_as_described(nest: Nest) -> Hits:
    """Require the described name for the namespace, in a VPC that answers DNS: the URLs in the
    services' environment end with it.
    """
    for namespace in nest.system.of_type(NAMESPACE):
        name = namespace.properties.get("Name")
        if name != nest.described.namespace:
            yield Hit(namespace, f"must be {nest.described.namespace}, found {name}", ("Name",))
        vpc = nest.system.find("AWS::EC2::VPC", namespace.properties.get("Vpc"))
        for setting in ("EnableDnsSupport", "EnableDnsHostnames"):
            if vpc is not None and text(vpc.properties.get(setting)) != "true":
                yield Hit(vpc, "must be true: private names need it", (setting,))


@rule("E9732")
def entry_as_described(nest: Nest) -> Hits:
    """Require an entry of the service's name in this system's namespace, with the addresses of
    single tasks and their health from ECS: callers look for that name.
    """
    for parts in nest.services.values():
        for entry in parts.of_type(ENTRY):
            if entry.properties.get("Name") != parts.name:
                found = entry.properties.get("Name")
                yield Hit(entry, f"must be {parts.name}, found {found}", ("Name",))
            config = section(entry.properties, "DnsConfig")
            spaces = nest.system.of_type(NAMESPACE)
            given = config.get("NamespaceId", entry.properties.get("NamespaceId"))
            if not any(refers_to(given, one, nest) for one in spaces):
                yield Hit(entry, "must be of this system's namespace", ("DnsConfig", "NamespaceId"))
            kinds = [one.get("Type") for one in each(config, "DnsRecords")]
            if kinds != ["A"]:
                message = f"must be one A record: tasks have an address each, found {kinds}"
                yield Hit(entry, message, ("DnsConfig", "DnsRecords"))
            if config.get("RoutingPolicy", "MULTIVALUE") != "MULTIVALUE":
                message = "must be MULTIVALUE: all healthy tasks answer"
                yield Hit(entry, message, ("DnsConfig", "RoutingPolicy"))
            if entry.properties.get("HealthCheckCustomConfig") is None:
                message = "is missing: ECS could not take out a task that is unwell"
                yield Hit(entry, message, ("HealthCheckCustomConfig",))


@rule("E9733")
def registered_where_it_is_found(nest: Nest) -> Hits:
    """Require that each entry is registered by its own service, and each registration is for an
    entry of its own: a name without tasks has no address.
    """
    for parts in nest.services.values():
        service = parts.only(SERVICE)
        if service is None:
            continue
        entries = parts.of_type(ENTRY)
        given = [below(one, "RegistryArn") for one in each(service.properties, "ServiceRegistries")]
        for entry in entries:
            if not any(text(arn) == nest.identity(entry, "Arn") for arn in given):
                yield Hit(entry, f"is registered by nobody: {parts.name} must have it")
        for index, arn in enumerate(given):
            if not any(text(arn) == nest.identity(entry, "Arn") for entry in entries):
                where = ("ServiceRegistries", index, "RegistryArn")
                yield Hit(service, f"is for no entry of {parts.name}: {arn}", where)
