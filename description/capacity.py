"""How many tasks a service has, and on what they run."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from description.fields import Percent, Seconds, Section, broken


class Scaling(Section):
    """How many tasks, and when to add or remove some."""

    min: Annotated[int, Field(ge=1, le=5000)] = 2
    """The fewest tasks. Not 0: without a task there is no utilization that could add one."""
    max: Annotated[int, Field(ge=1, le=5000)] = 10
    """The most tasks."""
    cpu: Percent | None = 70
    """Target average CPU utilization, per cent; null: CPU does not count."""
    memory: Percent | None = 70
    """Target average memory utilization, per cent; null: memory does not count."""
    requests_per_target: Annotated[int, Field(ge=1)] | None = None
    """Target requests per minute and task, for a service with routes."""
    scale_out_cooldown: Seconds = 60
    """Seconds between two additions."""
    scale_in_cooldown: Seconds = 300
    """Seconds between two removals."""
    memory_scale_in: bool = False
    """Whether low memory may remove tasks. A service shrinks only when every policy that may remove
    tasks agrees, and many runtimes never give memory back: with ``true`` those never shrink."""

    @model_validator(mode="after")
    def _scales(self) -> Self:
        if self.min > self.max:
            raise broken(
                f"is more than the max of {self.max} tasks",
                "min",
                "max",
                allowed=f"1 to {self.max}",
            )
        if self.min < self.max and not (self.cpu or self.memory or self.requests_per_target):
            raise broken(
                f"is more than the min of {self.min} tasks, but nothing would ever add one",
                *("max", "min", "cpu", "memory", "requests_per_target"),
                allowed=f"{self.min}, or a target for cpu, memory or requests_per_target",
            )
        return self


class Capacity(Section):
    """On which capacity a service's tasks run."""

    fargate_base: Annotated[int, Field(ge=0, le=100000)] = 0
    """Tasks that always run on Fargate before the weights count."""
    fargate_weight: Annotated[int, Field(ge=0, le=1000)] = 1
    """Share of the other tasks on Fargate."""
    spot_weight: Annotated[int, Field(ge=0, le=1000)] = 0
    """Share of the other tasks on Fargate Spot, which AWS may reclaim at two minutes' notice. A
    service with routes then needs a ``fargate_base`` of 2 or more."""

    @model_validator(mode="after")
    def _some_weight(self) -> Self:
        if self.fargate_weight + self.spot_weight == 0:
            raise broken(
                "is 0, and so is spot_weight: no task could be placed",
                *("fargate_weight", "spot_weight"),
                allowed="1 or more for one of them",
            )
        return self
