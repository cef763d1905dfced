"""The JSON Schema of descriptions, with which editors complete, explain and check them."""

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from description.fargate import MEMORY_BY_CPU
from description.model import Service, System

FILE = "system.schema.json"
"""The schema's name in the folder of the descriptions, which name it in their first line."""

OVERRIDES = "Overrides"
"""The part of the schema that says what a profile may set: any field, none of them required."""


def schema_json() -> str:
    """Return the schema as text, the same for the same model."""
    return json.dumps(schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def schema() -> dict[str, Any]:
    """Return the schema, fields in the order of the model."""
    made = System.model_json_schema(schema_generator=_Schema)
    _open_profiles(made)
    made["$defs"]["Service"]["allOf"] = [_sizes(cpu) for cpu in MEMORY_BY_CPU]
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        **_cleaned(made),
        "title": "Payment system",
    }


class _Schema(GenerateJsonSchema):
    """Pydantic's schema without a title for each field, which repeats its name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - as it overrides
        """Return that no field needs a title."""
        return False


def _open_profiles(whole: dict[str, Any]) -> None:
    """Let each profile have the description's own fields, none of them required.

    A section that requires a field gets a twin, ``PartialService``, that does not.
    """
    known = whole["$defs"]
    twins: dict[str, Any] = {}

    def without_required(node: Any) -> Any:
        if isinstance(node, list):
            return [without_required(one) for one in node]
        if not isinstance(node, dict):
            return node
        made = {key: without_required(value) for key, value in node.items() if key != "required"}
        if "$ref" in node:
            section = node["$ref"].rpartition("/")[2]
            twin = without_required(known[section])
            if twin != known[section]:
                twins[f"Partial{section}"] = twin
                made["$ref"] = f"#/$defs/Partial{section}"
        return made

    fields = {
        name: without_required(field)
        for name, field in whole["properties"].items()
        if name not in {"name", "environments", "profiles"}
    }
    known |= twins
    known[OVERRIDES] = {
        "title": OVERRIDES,
        "type": "object",
        "additionalProperties": False,
        "properties": fields,
    }
    for name, profile in known["Profiles"]["properties"].items():
        known["Profiles"]["properties"][name] = {
            "$ref": f"#/$defs/{OVERRIDES}",
            "description": profile["description"],
        }


def _sizes(cpu: int) -> dict[str, Any]:
    """Return the memory sizes that go with ``cpu``, as a condition; defaults count."""
    fields = Service.model_fields
    sizes = list(MEMORY_BY_CPU[cpu])
    then: dict[str, Any] = {"properties": {"memory": {"enum": sizes}}}
    if fields["memory"].default not in sizes:
        then["required"] = ["memory"]
    given: dict[str, Any] = {"properties": {"cpu": {"const": cpu}}}
    if fields["cpu"].default != cpu:
        given["required"] = ["cpu"]
    return {"if": given, "then": then}


def _cleaned(node: Any) -> Any:
    """Return a part of the schema with Markdown for editors, and formats that they know."""
    if isinstance(node, list):
        return [_cleaned(one) for one in node]
    if not isinstance(node, dict):
        return node
    cleaned = {key: _cleaned(value) for key, value in node.items()}
    if isinstance(cleaned.get("description"), str):
        cleaned["description"] = cleaned["description"].replace("``", "`").replace("\n", " ")
    if cleaned.get("format") == "ipv4network":
        del cleaned["format"]
        cleaned["pattern"] = r"^(\d{1,3}\.){3}\d{1,3}/\d{1,2}$"
    if "patternProperties" in cleaned:
        # Closed to names that do not match, as the model is.
        [(pattern, value)] = cleaned.pop("patternProperties").items()
        cleaned["propertyNames"]["pattern"] = pattern
        cleaned["additionalProperties"] = value
    return cleaned
