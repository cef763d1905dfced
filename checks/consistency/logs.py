"""Logs go where they are kept, as long and as safely as described."""

from typing import Final

from checks.consistency.nest import LOG_GROUP, Nest, below, refers_to, section, text
from checks.consistency.rule import Hit, Hits, rule

_OPTIONS: Final = ("ContainerDefinitions", 0, "LogConfiguration", "Options")


@rule("E9751")
def logs_of_another_service(nest: Nest) -> Hits:
    """Require that a container writes to its own service's log group in this region: elsewhere it
    may not write, and its first line stops it.
    """
    for parts, task in nest.tasks():
        driver = below(parts.container, "LogConfiguration", "LogDriver")
        if driver != "awslogs":
            yield Hit(task, f"must log by awslogs, found {driver}", _OPTIONS[:-1])
            continue
        options = section(parts.container, "LogConfiguration", "Options")
        group = parts.only(LOG_GROUP)
        if group is not None and not refers_to(options.get("awslogs-group"), group, nest):
            found = options.get("awslogs-group")
            message = f"must be {group.address}, found {found}"
            yield Hit(task, message, (*_OPTIONS, "awslogs-group"))
        if options.get("awslogs-region") != nest.system.place.region:
            found = options.get("awslogs-region")
            message = f"must be the region that it runs in, found {found}"
            yield Hit(task, message, (*_OPTIONS, "awslogs-region"))
        if not options.get("awslogs-stream-prefix"):
            message = "is missing: Fargate needs it"
            yield Hit(task, message, (*_OPTIONS, "awslogs-stream-prefix"))


@rule("E9752")
def kept_for_another_time(nest: Nest) -> Hits:
    """Require that each log group keeps events for as many days as was given: PCI DSS 10.5.1 asks
    for the same of each.
    """
    days = nest.system.parameters.get("LogRetentionDays")
    for group in nest.system.of_type(LOG_GROUP):
        found = group.properties.get("RetentionInDays")
        if text(found) != text(days):
            message = f"must be {days}, LogRetentionDays, found {found}"
            yield Hit(group, message, ("RetentionInDays",))
