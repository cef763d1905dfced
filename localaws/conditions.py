"""Conditions: whether each one holds, as AWS computes it, or a loud refusal.

ministack takes every function but `Ref` and `Fn::Select` in them for true, and a pseudo parameter
for its own name.
"""

from dataclasses import dataclass
from typing import Any

from localaws import emulator
from localaws.emulator import Record
from localaws.shapes import as_text
from localaws.template_checks import references

_VALUE_FUNCTIONS = frozenset(
    {"Fn::FindInMap", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::Sub", "Ref"}
)
_PSEUDO_PARAMETERS = frozenset(
    {"AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::URLSuffix"}
)


def evaluate(template: dict[str, Any], parameters: dict[str, Record]) -> dict[str, bool]:
    """Return whether each condition of a template holds.

    Raises ValueError for what AWS refuses in a condition, and for what is not known here.
    """
    declared = template.get("Conditions") or {}
    conditions = _Conditions(declared, parameters, template.get("Mappings") or {})
    return {name: conditions.holds(node) for name, node in declared.items()}


@dataclass(frozen=True)
class _Conditions:
    """The conditions of a template, with what their values are made of."""

    declared: dict[str, Any]
    parameters: dict[str, Record]
    mappings: dict[str, Any]

    def holds(self, node: Any) -> bool:
        match node:
            case {"Fn::And": [*parts]}:
                return all(self._each(parts))
            case {"Fn::Or": [*parts]}:
                return any(self._each(parts))
            case {"Fn::Not": [part]}:
                return not self.holds(part)
            case {"Fn::Equals": [left, right]}:
                return self._text(left) == self._text(right)
            case {"Condition": str(name)} if name in self.declared:
                return self.holds(self.declared[name])
            case {"Condition": name}:
                raise ValueError(
                    f"Template format error: Unresolved condition dependency {name} "
                    "in the Conditions block of the template"
                )
        raise ValueError(f"Template error: the local AWS cannot evaluate {node} as a condition")

    def _each(self, parts: list[Any]) -> list[bool]:
        """Return whether each part holds; a refusal is not left out because another part holds."""
        return [self.holds(part) for part in parts]

    def _text(self, node: Any) -> str:
        _refuse_other_functions(node)
        for _, name in references(node):
            self._refuse_unknown(name)
        value = emulator.resolve_references(
            node, {}, self.parameters, {}, self.mappings, stack_name="", stack_id=""
        )
        if isinstance(value, list | dict):
            raise ValueError(
                "Template error: every Fn::Equals object requires a list of 2 string parameters."
            )
        return as_text(value)

    def _refuse_unknown(self, name: str) -> None:
        if name in self.parameters or name in _PSEUDO_PARAMETERS:
            return
        if name.startswith("AWS::"):
            raise ValueError(f"Template error: the local AWS does not know {name} in a condition")
        raise ValueError(
            f"Template format error: Unresolved dependencies [{name}]. "
            "Cannot reference resources in the Conditions block of the template"
        )


def _refuse_other_functions(node: Any) -> None:
    match node:
        case {"Fn::Sub": [str(), dict(values)]}:
            _refuse_other_functions(list(values.values()))
        case dict():
            for function, argument in node.items():
                if function not in _VALUE_FUNCTIONS:
                    raise ValueError(
                        f"Template error: the local AWS does not know {function} in a condition"
                    )
                _refuse_other_functions(argument)
        case list():
            for item in node:
                _refuse_other_functions(item)
