"""From a rendering to the steps of its deployment, as CloudFormation sees them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from checks.rendering import STACK, Node, Rendering
from checks.resolved import System
from timeline.reality import Needs
from timeline.steps import Action, Step

_PLACEHOLDER: Final = re.compile(r"\$\{([^!}.][^}.]*)(?:\.[^}]*)?\}")


def deployment(rendering: Rendering, system: System, action: Callable[[str], Action]) -> Step:
    """Return a deployment of ``rendering`` that does ``action(address)`` to each resource of
    ``system``, which is the rendering, resolved without names.
    """
    return _Nest(rendering, system, Needs(system), action).stack("", frozenset(), frozenset())


@dataclass(frozen=True)
class _Nest:
    rendering: Rendering
    system: System
    needs: Needs
    action: Callable[[str], Action]

    def stack(self, address: str, after: frozenset[str], after_all_of: frozenset[str]) -> Step:
        """Return one stack with all that is in it."""
        file = self.system.stacks[address].file.removeprefix(f"{self.rendering.folder}/")
        declared: Node = self.rendering.templates[file].get("Resources", {})
        return Step(
            address=address,
            type=STACK,
            action=Action.UPDATE,
            after=after,
            after_all_of=after_all_of,
            steps=tuple(self._steps(address, declared)),
        )

    def _steps(self, address: str, declared: Node) -> Iterator[Step]:
        """Yield what is in a stack and there: its condition holds."""
        places = {name: f"{address}/{name}".lstrip("/") for name in declared}
        there = {name: place for name, place in places.items() if self._is_there(place)}
        for name, place in there.items():
            resource = declared[name]
            named = set(_named(resource.get("Properties")))
            after = frozenset(there[one] for one in named if one in there)
            stated = frozenset(there[one] for one in _depends_on(resource) if one in there)
            if place in self.system.stacks:
                yield self.stack(place, after, stated)
            else:
                yield self._resource(place, after, stated)

    def _resource(self, place: str, after: frozenset[str], stated: frozenset[str]) -> Step:
        resource, action = self.system.resources[place], self.action(place)
        return Step(
            address=place,
            type=resource.type,
            action=action,
            after=after,
            after_all_of=stated,
            after_in_reality=frozenset(self.needs.to_begin(resource)),
            complete_after=frozenset(self.needs.to_complete(resource)),
            more=self.needs.watched(resource) if action is Action.UPDATE else 0.0,
        )

    def _is_there(self, place: str) -> bool:
        return place in self.system.resources or place in self.system.stacks


def _depends_on(resource: Node) -> list[str]:
    before: str | list[str] = resource.get("DependsOn", [])
    return [before] if isinstance(before, str) else before


def _named(node: Any) -> Iterator[str]:
    """Yield the names that ``Ref``, ``Fn::GetAtt`` and ``Fn::Sub`` name in ``node``."""
    if isinstance(node, list):
        for item in node:
            yield from _named(item)
    elif isinstance(node, dict):
        for key, item in node.items():
            if key == "Ref":
                yield item
            elif key == "Fn::GetAtt":
                yield item.partition(".")[0] if isinstance(item, str) else item[0]
            else:
                if key == "Fn::Sub":
                    yield from _PLACEHOLDER.findall(item if isinstance(item, str) else item[0])
                yield from _named(item)
