"""Lists whose items say something once."""

from collections.abc import Iterator, Sequence

from description.mistakes import Finding, Where
from description.model import System


def lists_name_each_item_once(system: System) -> Iterator[Finding]:
    """Find items that a list holds twice."""
    for where, items in _lists(system):
        for index, item in enumerate(items):
            if item in items[:index]:
                yield Finding(
                    where=(*where, index),
                    problem="is in the list already",
                    found=item,
                )


def _lists(system: System) -> Iterator[tuple[Where, Sequence[str]]]:
    for name, secret in system.secrets.items():
        yield ("secrets", name, "keys"), secret.keys
    for name, service in system.services.items():
        here: Where = ("services", name)
        yield (*here, "calls"), service.calls
        yield (*here, "writable_paths"), service.writable_paths
        for index, route in enumerate(service.routes):
            yield (*here, "routes", index, "paths"), route.paths
            yield (*here, "routes", index, "hosts"), [host.lower() for host in route.hosts]
        for index, permission in enumerate(service.permissions):
            yield (*here, "permissions", index, "actions"), permission.actions
            yield (*here, "permissions", index, "resources"), permission.resources


RULES = (lists_name_each_item_once,)
