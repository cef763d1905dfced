import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.jsonschema import StandardValidator

from description.schema import FILE, schema_json
from tests.systems_under_test import FILES, ROOT

SCHEMA: Any = json.loads(schema_json())


def _places(text: str) -> list[str]:
    content = {"name": "shop", "description": "A shop", "services": {"api": {}}}
    content |= yaml.safe_load(text)
    errors = StandardValidator(SCHEMA).iter_errors(content)
    return sorted(".".join(map(str, error.path)) for error in errors)


def test_committed_schema_is_that_of_the_model() -> None:
    committed = (ROOT / "systems" / FILE).read_text(encoding="utf-8")
    assert committed == schema_json(), (
        "the model has changed: python -m description schema > systems/system.schema.json"
    )


@pytest.mark.parametrize("path", FILES.values(), ids=lambda path: path.stem)
def test_every_description_names_and_keeps_the_schema(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    first_line = text.partition("\n")[0]
    named = first_line.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve() == ROOT / "systems" / FILE
    assert list(StandardValidator(SCHEMA).iter_errors(yaml.safe_load(text))) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("logs: {retention_days: 31}", "logs.retention_days"),
        ("network: {nat: singel}", "network.nat"),
        ("network: {vpc_cidr: 10.0.0.0}", "network.vpc_cidr"),
        ("edge: {tls_policy: ELBSecurityPolicy-2016-08}", "edge.tls_policy"),
        ("services: {api: {prot: 80}}", "services.api.prot"),
        ("services: {api: {port: '80'}}", "services.api.port"),
        ("services: {api: {cpu: 333}}", "services.api.cpu"),
        ("services: {api: {memory: 512}}", "services.api.memory"),
        ("services: {api: {cpu: 256, memory: 4096}}", "services.api.memory"),
        ("services: {api: {cpu: 4096}}", "services.api"),
        ("services: {Api: {}}", "services.Api"),
        ("tags: {'#': x}", "tags.#"),
    ],
)
def test_editors_see_a_mistake_while_it_is_typed(text: str, place: str) -> None:
    assert place in _places(text)


@pytest.mark.parametrize(
    "text",
    [
        "services: {api: {cpu: 256}}",
        "services: {api: {cpu: 256, memory: 512}}",
        "services: {api: {memory: 8192}}",
        "services: {api: {cpu: 4096, memory: 8192}}",
        "services: {api: {scaling: {memory: null}}}",
    ],
)
def test_editors_see_no_mistake_where_none_is(text: str) -> None:
    assert _places(text) == []


def test_editors_can_explain_every_field() -> None:
    sections = {"System": SCHEMA, **SCHEMA["$defs"]}
    fields = [
        (section, name, {**sections.get(field.get("$ref", "").rpartition("/")[2], {}), **field})
        for section, schema in sections.items()
        for name, field in schema.get("properties", {}).items()
    ]
    assert len(fields) > 50
    assert [
        (section, name) for section, name, field in fields if not field.get("description")
    ] == []
    assert not [field for *_, field in fields if "``" in field["description"]]
