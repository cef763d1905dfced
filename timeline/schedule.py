"""When each step of a deployment begins and ends.

CloudFormation works on everything in a stack at once whose dependencies are there: on what refers
to a resource as soon as that is configured, on what ``DependsOn`` it when it is complete. A nested
stack begins when what its properties refer to is there; its outputs exist when all of it is.

Source: CloudFormation User Guide, "Understand CloudFormation stack creation events", "DependsOn
attribute", "AWS::CloudFormation::Stack".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

from timeline.durations import Case, Durations
from timeline.steps import Action, Step


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A step with its times, in seconds after the start of the deployment."""

    step: Step
    start: float
    since: float
    """When all that it waited for was there: its start, or later if it began without something."""
    ready: float
    """When steps that refer to it may begin."""
    end: float
    stack: str | None
    """Address of the stack that it is in; none for the outermost."""
    because_of: str | None
    """Address of the step that it waited for last; none if it waited for its stack only."""

    @property
    def seconds(self) -> float:
        """How long it takes."""
        return self.end - self.start


@dataclass(frozen=True, eq=False)
class Schedule:
    """A simulated deployment."""

    bars: Mapping[str, Bar]
    """Every step by address; the outermost stack's is empty."""

    @property
    def makespan(self) -> float:
        """How long all of it takes, in seconds."""
        return self.bars[""].end

    def critical_path(self) -> list[Bar]:
        """Return the resources that the end waits for, each for the one before it, without those
        that nothing happens to.

        A stack on the way is not listed: what it adds is the gap between two resources.
        """
        path: list[Bar] = []
        at = self._last_in("")
        while at is not None:
            path.append(at)
            at = self._before(at)
        return [bar for bar in path[::-1] if bar.step.action is not Action.NOTHING]

    def stacks(self) -> list[Bar]:
        """Return the stacks in which something happens, a parent before its children, else by the
        time at which they begin.
        """
        found: list[Bar] = []

        def add(bar: Bar) -> None:
            found.append(bar)
            children = (self.bars[one.address] for one in bar.step.steps)
            for child in sorted(children, key=lambda one: (one.start, one.step.address)):
                if child.step.changes and child.step.is_stack:
                    add(child)

        add(self.bars[""])
        return found

    def _last_in(self, address: str) -> Bar | None:
        """Return the resource that ends last in a stack, nested ones included."""
        bar = self.bars[address]
        while bar.step.steps:
            inside = (self.bars[one.address] for one in bar.step.steps)
            bar = min(inside, key=lambda found: (-found.end, found.step.address))
        return None if bar.step.is_stack else bar

    def _before(self, bar: Bar) -> Bar | None:
        """Return the resource that the start of ``bar`` waited for."""
        at = bar
        while True:
            if at.because_of is not None:
                found = self._last_in(at.because_of)
                if found is not None:
                    return found
                at = self.bars[at.because_of]
            elif at.stack is not None:
                at = self.bars[at.stack]
            else:
                return None


def simulate(root: Step, durations: Durations, case: Case, *, overhead: bool = True) -> Schedule:
    """Return when each step of ``root`` begins and ends.

    Without ``overhead``, stacks take no time of their own. Raises ``ValueError`` for a circle.
    """
    run = _Run(durations, case, overhead)
    run.all_of(root)
    return Schedule(run.bars)


@dataclass(frozen=True)
class _Begun:
    """A stack that its resources can begin in."""

    start: float
    because_of: str | None
    begin: float
    """When its first resource can begin."""
    closing: float


class _Run:
    def __init__(self, durations: Durations, case: Case, overhead: bool) -> None:
        self.durations, self.case, self.overhead = durations, case, overhead
        self.bars: dict[str, Bar] = {}
        self.begun: dict[str, _Begun] = {}

    def all_of(self, root: Step) -> None:
        """Work off everything, each after what it waits for."""
        inside = {one.address: stack.address for stack in root.family() for one in stack.steps}
        steps = {one.address: one for one in root.family()}
        for begins, address in TopologicalSorter(dict(_graph(root, inside))).static_order():
            step, stack = steps[address], inside.get(address)
            if begins:
                self._begin(step, stack)
            elif step.is_stack:
                self._close(step, stack)
            else:
                self._work(step, stack)

    def _begin(self, step: Step, stack: str | None) -> None:
        start, cause = self._start(step, stack)
        opening, closing = self._of_stack(step, root=stack is None)
        self.begun[step.address] = _Begun(start, cause, start + opening, closing)

    def _close(self, step: Step, stack: str | None) -> None:
        begun = self.begun[step.address]
        last = max((self.bars[one.address].end for one in step.steps), default=begun.begin)
        end = last + begun.closing
        if self.overhead:
            end += self._after_its_end(step, end - begun.start, root=stack is None)
        self.bars[step.address] = Bar(
            step=step,
            start=begun.start,
            since=begun.start,
            ready=end,
            end=end,
            stack=stack,
            because_of=begun.because_of,
        )

    def _work(self, step: Step, stack: str | None) -> None:
        """Work on a resource: what it began without, it needs for all but its beginning."""
        start, cause = self._start(step, stack)
        ready, end = self._of_resource(step)
        since = start
        for one in sorted(step.complete_after):
            if self.bars[one].end > since + ready:
                since, cause = self.bars[one].end - ready, one
        self.bars[step.address] = Bar(
            step=step,
            start=start,
            since=since,
            ready=start + ready,
            end=since + end,
            stack=stack,
            because_of=cause,
        )

    def _start(self, step: Step, stack: str | None) -> tuple[float, str | None]:
        """Return when a step begins and what it waited for last."""
        begin = 0.0 if stack is None else self.begun[stack].begin
        waits = [(self.bars[one].ready, one) for one in step.after]
        waits += [(self.bars[one].end, one) for one in step.after_all_of | step.after_in_reality]
        waits.sort(key=lambda wait: (-wait[0], wait[1]))
        return waits[0] if waits and waits[0][0] > begin else (begin, None)

    def _of_resource(self, step: Step) -> tuple[float, float]:
        """Return after how many seconds a resource is ready and complete."""
        if step.action is Action.NOTHING:
            return 0.0, 0.0
        kind = self.durations.types[step.type]
        if step.action is Action.UPDATE:
            seconds = kind.update.at(self.case) + step.more
            return seconds, seconds
        seconds = kind.create.at(self.case)
        ready = seconds if kind.ready is None else kind.ready.at(self.case)
        return min(ready, seconds), seconds

    def _after_its_end(self, stack: Step, seconds: float, *, root: bool) -> float:
        """Return for how long a stack that took ``seconds`` is not yet seen to be complete."""
        if not stack.changes:
            return 0.0
        if not root:
            return self.durations.stack.looks.late(seconds)
        if stack.action is Action.CREATE:
            return 0.0
        return self.durations.stack.cleanup.at(self.case)

    def _of_stack(self, stack: Step, *, root: bool) -> tuple[float, float]:
        """Return what a stack takes before and after its resources, in seconds."""
        if not self.overhead:
            return 0.0, 0.0
        times = self.durations.stack
        if not stack.changes:
            return times.unchanged.at(self.case), 0.0
        opening = times.opening_of_root if root else times.opening
        return opening.at(self.case), times.closing.at(self.case)


_Node = tuple[bool, str]
"""Whether it is the beginning of a stack, and an address."""


def _graph(root: Step, inside: Mapping[str, str]) -> Iterator[tuple[_Node, set[_Node]]]:
    """Yield each beginning and end with those that it waits for."""
    for step in root.family():
        waits = {(False, one) for one in step.before}
        if step.address in inside:
            waits.add((True, inside[step.address]))
        if not step.is_stack:
            yield (False, step.address), waits
            continue
        yield (True, step.address), waits
        ends = {(False, one.address) for one in step.steps}
        yield (False, step.address), {(True, step.address), *ends}
