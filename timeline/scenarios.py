"""What is done to a system: deployed for the first time, a new image, a change of all services."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil
from typing import Final

from checks.quotas import NEST_RESOURCES
from checks.rendering import Rendering
from checks.resolved import System, resolve
from description import digests
from timeline.durations import CASES, Case, Durations, durations
from timeline.nest import deployment
from timeline.plain import plain
from timeline.reality import flat, referenced, together
from timeline.schedule import Schedule, simulate
from timeline.steps import Action, Step

SERVICE: Final = "AWS::ECS::Service"
TASK: Final = "AWS::ECS::TaskDefinition"
REPOSITORY: Final = "AWS::ECR::Repository"


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """Something that is done to a system, and how long it takes."""

    title: str
    root: Step
    schedule: Schedule

    @property
    def resources(self) -> int:
        """How many resources it touches, every nested stack among them, as the quota counts."""
        return sum(step.changes or step.is_stack for step in self.root.family()) - 1

    @property
    def operations(self) -> int:
        """How many operations on the stack it takes at least."""
        return ceil(self.resources / NEST_RESOURCES)


@dataclass(frozen=True, kw_only=True)
class Growth(Deployment):
    """A deployment that creates resources, with two others that create the same."""

    bound: Schedule
    """The longest chain of what needs one another: no layout of stacks can be shorter."""
    plain: Schedule
    """The same in the straightforward partition."""

    @property
    def is_first(self) -> bool:
        """Whether nothing was there before."""
        return self.root.action is Action.CREATE


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
    def ground(self) -> System:
        """The system while no image is known: all that services stand on."""
        unknown = {
            name: "" if digests.pins_images(name) else value
            for name, value in self.parameters.items()
        }
        return resolve(self.rendering, unknown, names=False, images=False)

    @property
    def deployments(self) -> list[Deployment]:
        """All of them."""
        return [*self.growing, self.new_image, self.of_all_services]

    @property
    def growing(self) -> list[Growth]:
        """What comes before all services run.

        Images are pushed to repositories that are there. Where the system's own are, the first
        deployment has no images; nor has it where everything is too much for one operation.
        """
        if self.system.of_type(REPOSITORY) or self.at_once.operations > 1:
            return [self.without_images, self.joining]
        return [self.at_once]

    @property
    def first(self) -> Growth:
        """The first deployment."""
        return self.growing[0]

    @cached_property
    def at_once(self) -> Growth:
        """The first deployment, with every image."""
        return self._creation("first deployment", self.system)

    @cached_property
    def without_images(self) -> Growth:
        """The first deployment, without any service."""
        return self._creation("first deployment, without images", self.ground)

    @cached_property
    def joining(self) -> Growth:
        """The update that follows on that: services join with their images."""
        there = self.ground.resources
        return self._growth(
            "services join, with their images",
            self.system,
            lambda address: Action.NOTHING if address in there else Action.CREATE,
            Action.UPDATE,
        )

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
        """The update that replaces every task definition: every service is deployed anew."""
        tasks = {one.address for one in self.system.of_type(TASK)}
        return self._update("every service anew", tasks)

    def _creation(self, title: str, system: System) -> Growth:
        return self._growth(title, system, lambda _address: Action.CREATE, Action.CREATE)

    def _growth(
        self, title: str, system: System, action: Callable[[str], Action], whole: Action
    ) -> Growth:
        root = replace(deployment(self.rendering, system, action), action=whole)
        steps = {
            address: replace(step, action=action(address)) for address, step in flat(system).items()
        }
        return Growth(
            title=title,
            root=root,
            schedule=simulate(root, self.durations, self.case),
            bound=simulate(together(steps), self.durations, self.case, overhead=False),
            plain=simulate(replace(plain(steps), action=whole), self.durations, self.case),
        )

    def _update(self, title: str, tasks: Iterable[str]) -> Deployment:
        actions = dict(_actions(self.system, tasks))
        root = deployment(
            self.rendering, self.system, lambda address: actions.get(address, Action.NOTHING)
        )
        schedule = simulate(root, self.durations, self.case)
        return Deployment(title=title, root=root, schedule=schedule)


def _actions(system: System, tasks: Iterable[str]) -> Iterator[tuple[str, Action]]:
    """Yield what an update does that replaces ``tasks``: what refers to one is updated in place."""
    replaced = set(tasks)
    for address, resource in system.resources.items():
        if address in replaced:
            yield address, Action.REPLACE
        elif replaced & set(referenced(system, resource)):
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
