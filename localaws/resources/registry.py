"""How a resource type is described, checked and given to the engine."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from localaws import emulator, role_rights
from localaws.emulator import Properties, Provisioned
from localaws.resources.rules import check_creation, check_deletion, check_update

Create = Callable[[str, Properties, str], Provisioned]
Update = Callable[[str, Properties, Properties, str, str], Provisioned]
Delete = Callable[[str, Properties], None]


@dataclass(frozen=True)
class ResourceType:
    """One CloudFormation type that the local AWS does for real.

    `keeps` names the properties that can be read back after the creation; `A.B` is a property B
    inside A, and a name without anything below stands for its whole value. `create`, `update` and
    `delete` are ours; None leaves that to ministack. `tags` is the shape of the Tags property
    ("list" or "map") or "" if the type takes none.
    """

    name: str
    keeps: str
    create: Create | None = None
    update: Update | None = None
    delete: Delete | None = None
    tags: str = "list"
    paths: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        paths = set(self.keeps.split())
        if self.tags:
            paths.add("Tags")
        object.__setattr__(self, "paths", frozenset(paths))

    def unknown(self, properties: Properties) -> list[str]:
        """Return the paths in `properties` that this type does not keep."""
        return sorted(set(self._unknown(properties, "")))

    def _unknown(self, value: Any, path: str) -> Iterator[str]:
        if path in self.paths:
            return
        if path and not any(known.startswith(f"{path}.") for known in self.paths):
            yield path
        elif isinstance(value, dict):
            for name, item in value.items():
                yield from self._unknown(item, f"{path}.{name}" if path else name)
        elif isinstance(value, list):
            for item in value:
                yield from self._unknown(item, path)

    def check(self, properties: Properties) -> None:
        """Raise ValueError, naming type and property, for what would be lost."""
        unknown = self.unknown(properties)
        if unknown:
            raise ValueError(f"The local AWS does not keep {self.name} {', '.join(unknown)}")


def register(types: list[ResourceType]) -> None:
    """Make these the only types that the engine can create."""
    handlers = {kind.name: _handler(kind) for kind in types}
    for kind in types:
        if kind.tags:
            emulator.stack_tag_property[kind.name] = ("Tags", kind.tags)
        else:
            emulator.stack_tag_property.pop(kind.name, None)
    for name in set(emulator.resource_handlers) - set(handlers):
        emulator.resource_handlers[name] = _refusal(name)
    emulator.resource_handlers.update(handlers)


def _handler(kind: ResourceType) -> dict[str, Any]:
    theirs = emulator.resource_handlers.get(kind.name, {})
    create: Create = kind.create or theirs["create"]
    delete: Delete = kind.delete or theirs["delete"]
    update = kind.update or _their_update(theirs)

    def checked_create(logical_id: str, properties: Properties, stack: str) -> Provisioned:
        kind.check(properties)
        role_rights.require(kind.name, "create", properties, emulator.stack_records[stack])
        check_creation(kind.name, properties)
        return create(logical_id, properties, stack)

    def checked_update(
        physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
    ) -> Provisioned:
        kind.check(new)
        if update is None:
            changed = sorted(n for n in old.keys() | new.keys() if old.get(n) != new.get(n))
            raise ValueError(f"The local AWS can not update {kind.name} {', '.join(changed)}")
        role_rights.require(kind.name, "update", new, emulator.stack_records[stack])
        check_update(kind.name, physical_id, new)
        return update(physical_id, old, new, stack, logical_id)

    def checked_delete(physical_id: str, properties: Properties) -> None:
        check_deletion(kind.name, physical_id)
        delete(physical_id, properties)

    return {
        "create": checked_create,
        "update": checked_update,
        "update_with_logical_id": True,
        "delete": checked_delete,
    }


def _their_update(theirs: dict[str, Any]) -> Update | None:
    update = theirs.get("update")
    if update is None or theirs.get("update_with_logical_id"):
        return update
    return lambda physical_id, old, new, stack, _logical_id: update(physical_id, old, new, stack)


def _refusal(name: str) -> dict[str, Any]:
    def refuse(*_: Any) -> Provisioned:
        raise ValueError(f"The local AWS can not create {name}")

    return {"create": refuse, "update": refuse, "delete": lambda *_: None}
