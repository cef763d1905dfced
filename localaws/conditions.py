"""Conditions whose values are computed: ministack knows only `Ref` and `Fn::Select` in them."""

from typing import Any

from localaws import emulator

_evaluate = emulator.evaluate_conditions
_CONDITION_FUNCTIONS = {"Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or", "Condition"}
_KNOWN_VALUES = {"Ref", "Fn::Select"}


def evaluate(template: dict[str, Any], parameters: dict[str, Any]) -> dict[str, bool]:
    """Return whether each condition of a template holds.

    Raises ValueError for a function that is not known in a condition: ministack would take it for
    true.
    """

    def computed(node: Any) -> Any:
        if isinstance(node, list):
            return [computed(item) for item in node]
        if not isinstance(node, dict):
            return node
        ((function, argument),) = node.items()
        if function == "Fn::Join":
            delimiter, items = argument
            return delimiter.join(_items(items))
        if function in _CONDITION_FUNCTIONS:
            return {function: computed(argument)}
        if function in _KNOWN_VALUES:
            return node
        raise ValueError(f"Template error: the local AWS cannot evaluate {function} in a condition")

    def _items(items: Any) -> list[str]:
        if isinstance(items, dict):
            return _text(items).split(",")
        return [_text(item) for item in items]

    def _text(item: Any) -> str:
        item = computed(item)
        if isinstance(item, dict):
            if set(item) != {"Ref"}:
                raise ValueError(f"Template error: the local AWS cannot join {item} in a condition")
            return str(parameters[item["Ref"]]["Value"])
        return str(item)

    conditions = {name: computed(node) for name, node in template.get("Conditions", {}).items()}
    return _evaluate({**template, "Conditions": conditions}, parameters)
