"""The same resources in other stacks, to compare layouts without templates of them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from checks.rendering import STACK
from timeline.steps import Action, Step


def regroup(
    steps: Mapping[str, Step],
    home: Mapping[str, str],
) -> Step:
    """Return ``steps``, all in one stack so far, in nested stacks.

    ``home`` gives the path of each one's stack by its address. A stack waits for every other one
    that its resources refer to.
    """
    moves = _Moves(home)
    root = _Stack()
    for address, step in steps.items():
        root.at(home[address]).own.append(
            replace(
                step,
                address=moves.new(address),
                after=moves.beside(address, step.after),
                after_all_of=moves.beside(address, step.after_all_of),
                after_in_reality=frozenset(map(moves.new, step.after_in_reality)),
                complete_after=frozenset(map(moves.new, step.complete_after)),
            )
        )
    return root.as_step("", moves.waits)


@dataclass
class _Stack:
    own: list[Step] = field(default_factory=list)
    children: dict[str, "_Stack"] = field(default_factory=dict)

    def at(self, path: str) -> "_Stack":
        """Return the stack at ``path``, made if need be."""
        stack = self
        for part in filter(None, path.split("/")):
            stack = stack.children.setdefault(part, _Stack())
        return stack

    def as_step(self, address: str, waits: Mapping[str, set[str]]) -> Step:
        """Return it with all that is in it."""
        children = (
            child.as_step(f"{address}/{name}".lstrip("/"), waits)
            for name, child in self.children.items()
        )
        return Step(
            address=address,
            type=STACK,
            action=Action.CREATE,
            after=frozenset(waits.get(address, ())),
            steps=(*self.own, *children),
        )


@dataclass
class _Moves:
    home: Mapping[str, str]
    waits: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The stacks and resources beside it that each stack waits for."""

    def new(self, address: str) -> str:
        """Return the new address of a step: its old one, without slashes, in its new stack."""
        return f"{self.home[address]}/{address.replace('/', '')}".lstrip("/")

    def beside(self, address: str, needs: frozenset[str]) -> frozenset[str]:
        """Return what a step of ``needs`` is, seen from the stack of ``address``: the step, or the
        stack that has it. What is outside of this stack, the stack itself waits for.
        """
        here = [part for part in self.home[address].split("/") if part]
        found = set()
        for need in needs:
            there = self.new(need).split("/")
            common = 0
            while common < min(len(here), len(there) - 1) and here[common] == there[common]:
                common += 1
            before = "/".join(there[: common + 1])
            if common == len(here):
                found.add(before)
            else:
                self.waits["/".join(here[: common + 1])].add(before)
        return frozenset(found)
