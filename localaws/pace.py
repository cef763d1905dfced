"""Creation that takes time, as on AWS, and works on all at once that does not wait for one another.

Off unless ``paced``: the engine of ministack works on the resources of a stack one after the other.
Here they are made ahead of it, each when what it needs is there, and the engine then finds them
made, or failed. Only creations have a pace; a nested stack beside one that fails may stay behind.
"""

import asyncio
import copy
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Final

from localaws import conditions as conditions_of_ours
from localaws import emulator
from localaws.emulator import Properties, Provisioned, Record

Seconds = Callable[[str], tuple[float, float]]
"""Of a type: after how many seconds what refers to a new resource can begin, and what depends on
it."""

Outcome = tuple[Provisioned, str]


@dataclass(frozen=True)
class Overhead:
    """What a nested stack takes beside its resources, in seconds."""

    opening: float
    """From its start to that of its first resource."""
    closing: float
    """From the end of its last resource to its own."""
    late: Callable[[float], float]
    """After it has taken so many seconds: until its parent sees that it is complete."""


_AT_ONCE: Final = Overhead(0.0, 0.0, lambda _seconds: 0.0)

_paces: list[tuple[Seconds, Overhead]] = []
_made_ahead: ContextVar[Mapping[str, Outcome | Exception]] = ContextVar("localaws_made_ahead")
_NOTHING: Final[Mapping[str, Outcome | Exception]] = {}


@contextmanager
def paced(seconds: Seconds, overhead: Overhead = _AT_ONCE) -> Iterator[None]:
    """Let every stack that is created meanwhile take ``seconds``, and nested ones the ``overhead``,
    on all servers of the process.
    """
    pace = (seconds, overhead)
    _paces.append(pace)
    try:
        yield
    finally:
        _paces.remove(pace)


def install() -> None:
    """Let the engine take what was made ahead of it."""
    emulator.replace("_provision_keeping_seed", provision, emulator.stacks)


def provision(kind: str, logical_id: str, properties: Properties, stack_name: str) -> Outcome:
    """Return a new resource, and the seed of its name; ministack's function, extended."""
    outcome = _made_ahead.get(_NOTHING).get(logical_id)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome or emulator.provision(kind, logical_id, properties, stack_name)


def is_told(logical_id: str) -> bool:
    """Return whether the events of a resource of the stack under way are recorded already."""
    return not isinstance(_made_ahead.get(_NOTHING).get(logical_id, ValueError()), Exception)


async def make_ahead(stack: Record, template: Record, parameters: Record) -> None:
    """Make the resources of a stack that is created, if the process is ``paced``; the engine, in
    the same task, finds them.
    """
    _made_ahead.set(_NOTHING)
    if _paces:
        seconds, overhead = _paces[-1]
        around = overhead if "ParentId" in stack else _AT_ONCE
        work = _Work(stack, template, parameters, seconds, overhead)
        await asyncio.sleep(around.opening)
        await work.all()
        await asyncio.sleep(around.closing)
        _made_ahead.set(work.outcomes)


@dataclass
class _Work:
    stack: Record
    template: Record
    parameters: Record
    seconds: Seconds
    overhead: Overhead
    outcomes: dict[str, Outcome | Exception] = field(default_factory=dict)
    provisioned: dict[str, Record] = field(default_factory=dict)
    ready: dict[str, asyncio.Event] = field(default_factory=dict)
    complete: dict[str, asyncio.Event] = field(default_factory=dict)

    async def all(self) -> None:
        """Make everything whose condition holds, or what can be made before something fails."""
        self.conditions = conditions_of_ours.evaluate(self.template, self.parameters)
        order = emulator.topological_sort(self.template["Resources"], self.conditions)
        self.ready = {name: asyncio.Event() for name in order}
        self.complete = {name: asyncio.Event() for name in order}
        with suppress(ExceptionGroup):
            async with asyncio.TaskGroup() as group:
                for name in order:
                    group.create_task(self._make(name, self.template["Resources"][name]))

    async def _make(self, name: str, resource: Record) -> None:
        for event in self._waits_for(resource):
            await event.wait()
        kind = resource["Type"]
        properties = self._resolved(resource.get("Properties", {}))
        self._tell(name, kind, "CREATE_IN_PROGRESS")
        nested = kind == "AWS::CloudFormation::Stack"
        before, after = (0.0, 0.0) if nested else self.seconds(kind)
        begin = time.monotonic()
        await asyncio.sleep(before)
        try:
            outcome = self.outcomes[name] = await self._provisioned(name, kind, properties)
        except Exception as error:
            self.outcomes[name] = error
            raise
        if nested:
            await asyncio.sleep(self.overhead.late(time.monotonic() - begin))
        (physical_id, attributes), _ = outcome
        self.provisioned[name] = {
            "PhysicalResourceId": physical_id,
            "ResourceType": kind,
            "Properties": properties,
            "Attributes": attributes,
        }
        if after > before:
            self.ready[name].set()
            await asyncio.sleep(after - before)
        self._tell(name, kind, "CREATE_COMPLETE", physical_id)
        self.ready[name].set()
        self.complete[name].set()

    def _waits_for(self, resource: Record) -> Iterator[asyncio.Event]:
        stated = resource.get("DependsOn", [])
        for name in [stated] if isinstance(stated, str) else stated:
            if name in self.complete:
                yield self.complete[name]
        for name, _ in emulator.intrinsic_references(resource.get("Properties", {})):
            if name in self.ready:
                yield self.ready[name]

    def _resolved(self, properties: Properties) -> Properties:
        resolved = emulator.resolve_references(
            copy.deepcopy(properties),
            self.provisioned,
            self.parameters,
            self.conditions,
            self.template.get("Mappings", {}),
            self.stack["StackName"],
            self.stack["StackId"],
        )
        kept = {key: value for key, value in resolved.items() if value is not emulator.no_value}
        found: tuple[Properties, Any] = emulator.resolve_dynamic_references(kept)
        return found[0]

    async def _provisioned(self, name: str, kind: str, properties: Properties) -> Outcome:
        tagged = emulator.with_stack_tags(
            kind,
            properties,
            self.stack.get("Tags") or [],
            self.stack["StackName"],
            self.stack["StackId"],
            name,
        )
        arguments = (kind, name, tagged, self.stack["StackName"])
        if emulator.runs_on_worker_thread(kind):
            outcome: Outcome = await emulator.run_reentrant(emulator.provision, *arguments)
            return outcome
        return emulator.provision(*arguments)

    def _tell(self, name: str, kind: str, status: str, physical_id: str = "") -> None:
        emulator.add_event(
            self.stack["StackId"],
            self.stack["StackName"],
            name,
            kind,
            status,
            physical_id=physical_id,
        )
