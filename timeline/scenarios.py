"""What is done to a system: deployed for the first time, a new image, a change of all services."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from checks.rendering import Rendering
from checks.resolved import System, resolve
from timeline.durations import CASES, Case, Durations, durations
from timeline.nest import deployment
from timeline.plain import plain
from timeline.reality import flat, referenced, together
from timeline.schedule import Schedule, simulate
from timeline.steps import Action, Step

SERVICE: Final = "AWS::ECS::Service"
TASK: Final = "AWS::ECS::TaskDefinition"
_RETENTION: Final = "LogRetentionDays"
_PARENT: Final = "parent.json"


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """Something that is done to a system, and how long it takes."""

    title: str
    root: Step
    schedule: Schedule


@dataclass(frozen=True, eq=False)
class Timeline:
    """All about the time that deployments of one system take, in one case of the durations."""

    rendering: Rendering
    parameters: Mapping[str, str]
    durations: Durations
    case: Case = "typical"

    @cached_property
    def system(self) -> System:
        """The system, every image known; what only AWS knows is a reference."""
        return resolve(self.rendering, self.parameters, names=False)

    @cached_property
    def _flat(self) -> dict[str, Step]:
        return flat(self.system)

    @cached_property
    def first(self) -> Deployment:
        """The first deployment."""
        root = deployment(self.rendering, self.system, lambda _address: Action.CREATE)
        return self._deployment("first deployment", replace(root, action=Action.CREATE))

    @property
    def deployments(self) -> list[Deployment]:
        """The three of them."""
        return [self.first, self.new_image, self.of_all_services]

    @cached_property
    def bound(self) -> Schedule:
        """The first deployment as the longest chain of what needs one another: no layout of stacks
        can be shorter.
        """
        return simulate(together(self._flat), self.durations, self.case, overhead=False)

    @cached_property
    def plain(self) -> Schedule:
        """The first deployment in the straightforward partition."""
        return simulate(plain(self._flat), self.durations, self.case)

    @cached_property
    def new_image(self) -> Deployment:
        """The update with a new image of one service: the first one behind the load balancer, if
        there is one, because its deployment is watched.
        """
        services = self.system.of_type(SERVICE)
        service = max(services, key=lambda one: bool(one.properties.get("LoadBalancers")))
        task = service.properties["TaskDefinition"].address
        return self._update(f"new image of {service.properties['ServiceName']}", {task})

    @cached_property
    def of_all_services(self) -> Deployment:
        """The update with another retention of logs: it touches the log group of every service."""
        declared = self.rendering.templates[_PARENT]["Parameters"][_RETENTION]
        now = str(self.system.parameters[_RETENTION])
        other = next(str(days) for days in declared["AllowedValues"] if str(days) != now)
        then = resolve(self.rendering, {**self.parameters, _RETENTION: other}, names=False)
        changed = {
            address
            for address, resource in self.system.resources.items()
            if then.resources[address].properties != resource.properties
        }
        return self._update("other log retention", changed)

    def _update(self, title: str, changed: Iterable[str]) -> Deployment:
        actions = dict(_actions(self.system, changed))
        root = deployment(
            self.rendering, self.system, lambda address: actions.get(address, Action.NOTHING)
        )
        return self._deployment(title, root)

    def _deployment(self, title: str, root: Step) -> Deployment:
        schedule = simulate(root, self.durations, self.case)
        return Deployment(title=title, root=root, schedule=schedule)


def _actions(system: System, changed: Iterable[str]) -> Iterator[tuple[str, Action]]:
    """Yield what an update does to each resource: a task definition is replaced, others are updated
    in place; so is what refers to one that is replaced.
    """
    replaced = {one for one in changed if system.resources[one].type == TASK}
    for address, resource in system.resources.items():
        if address in replaced:
            yield address, Action.REPLACE
        elif address in changed or replaced & set(referenced(system, resource)):
            yield address, Action.UPDATE


@dataclass(frozen=True, eq=False)
class Estimate:
    """The timelines of one system in every case of the durations."""

    name: str
    """The system and environment that it is about."""
    cases: Mapping[Case, Timeline]

    def of(self, case: Case) -> Timeline:
        """Return the timeline in one case."""
        return self.cases[case]


def estimate(rendering: Rendering, environment: str, parameters: Mapping[str, str]) -> Estimate:
    """Return what deployments of ``rendering`` with ``parameters`` take.

    Raises ``checks.resolved.ResolutionError`` for what cannot be resolved.
    """
    name = f"{rendering.system}, {rendering.profile} ({environment})"
    known = durations()
    return Estimate(name, {case: Timeline(rendering, parameters, known, case) for case in CASES})
