"""The evidence for an audit is what the templates say, and would say otherwise if they did."""

import copy
import dataclasses
import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

import pytest

from checks import consistency, own
from checks.evidence import Pack, as_html, as_json, pack
from checks.evidence.control import Control, Fact
from checks.evidence.controls import CONTROLS
from checks.evidence.pack import shown
from checks.findings import Finding
from checks.judge import judge
from checks.reachability import reach
from checks.rendering import Rendering
from checks.resolved import System, resolve, samples
from tests.systems_under_test import REFERENCES, ROOT, SYSTEMS, described, rendered


def parameters(system: str) -> dict[str, str]:
    it = rendered(system)
    given = {"AlarmEmail": "on-call@example.com"} if described(system).alarms else {}
    return {**samples(it), **given}


def evidence(system: str, *findings: Finding) -> Pack:
    it = rendered(system)
    return pack(it, described(system), "prod", parameters(system), findings)


def resolved(system: str) -> System:
    return resolve(rendered(system), parameters(system))


def table(one: Pack, title: str) -> set[tuple[str, ...]]:
    (found,) = [table for table in one.tables if table.title == title]
    return set(found.rows)


@pytest.mark.parametrize("system", REFERENCES)
def test_every_control_of_a_production_environment_holds(system: str) -> None:
    assert [one.control.control for one in evidence(system).open] == []


def sorts(system: str) -> Iterator[tuple[Control, Fact]]:
    """Yield each control with one fact of each sort that shows it in a system."""
    seen = set()
    for control in CONTROLS:
        for fact in shown(control, resolved(system), ()).facts:
            sort = (control, fact.resource.type, re.sub(r"\d+", "*", fact.property))
            if sort not in seen:
                seen.add(sort)
                yield control, fact


CASES = [
    *(("gateway", *one) for one in sorts("gateway")),
    *(("marketplace", *one) for one in sorts("marketplace") if one[0].requirement == "8.6.3"),
]
NAMES = [f"{c.requirement} {f.resource.type[5:]} {f.property}" for _, c, f in CASES]


def test_some_system_shows_each_control() -> None:
    assert {control for _, control, _ in CASES} == set(CONTROLS)


@pytest.mark.parametrize(("system", "control", "fact"), CASES, ids=NAMES)
def test_a_control_does_not_hold_without_what_shows_it(
    system: str, control: Control, fact: Fact
) -> None:
    it = resolved(system)
    of_it = shown(control, it, ())
    alike = [
        one
        for one in of_it.facts
        if re.sub(r"\d+", "*", one.property) == re.sub(r"\d+", "*", fact.property)
        and one.resource.type == fact.resource.type
    ]
    resources = dict(it.resources)
    for one in reversed(alike):
        resource = resources[one.resource.address]
        properties = copy.deepcopy(resource.properties)
        put(properties, one.property.split("/"), *spoilt(one))
        resources[resource.address] = dataclasses.replace(resource, properties=properties)

    assert of_it.holds
    assert not shown(control, dataclasses.replace(it, resources=resources), ()).holds


@pytest.mark.parametrize(("system", "control", "fact"), CASES, ids=NAMES)
def test_the_checks_that_a_control_names_find_what_speaks_against_it(
    system: str, control: Control, fact: Fact
) -> None:
    it = rendered(system)
    templates = copy.deepcopy(it.templates)
    file, name = fact.resource.file.rpartition("/")[2], fact.resource.logical_id
    put(templates[file]["Resources"][name]["Properties"], fact.property.split("/"), *spoilt(fact))
    bodies = {name: json.dumps(body).encode() for name, body in templates.items()}

    found = judge(Rendering(it.system, bodies, it.profile), described(system)).findings

    assert {one.rule for one in found} & set(control.rules), sorted({one.rule for one in found})


def spoilt(fact: Fact) -> tuple[Any, ...]:
    """Return the value that speaks against a control, or nothing where that is its absence."""
    if fact.value is False or fact.value == "DISABLED":  # what is not given is off, too
        return (True if fact.value is False else "ENABLED",)
    if fact.value is not None:
        return ()
    return (["SYS_ADMIN"],) if fact.property.endswith("Add") else (True,)


def put(node: Any, steps: list[str], *value: Any) -> None:
    """Put a value at a place, or take away what is there."""
    *way, last = steps
    for step in way:
        if isinstance(node, dict):
            node = node.setdefault(step, {})
        elif step.isdecimal():
            node = node[int(step)]
        else:
            node = next(one for one in node if one["Key"] == step)
    if isinstance(node, list):
        node[int(last) : int(last) + 1] = value
    elif value:
        node[last] = value[0]
    else:
        node.pop(last, None)


def known_rules() -> Iterator[str]:
    yield from (rule.id for rule in own.RULES)
    yield from consistency.REASONS
    page = (ROOT / "docs" / "security.md").read_text()
    yield from (line[2:7] for line in page.splitlines() if line.startswith("| E9"))


def test_controls_name_checks_that_there_are() -> None:
    known = set(known_rules())
    assert {rule for one in CONTROLS for rule in one.rules} <= known
    assert all(one.rules for one in CONTROLS)


def test_a_finding_counts_against_the_controls_of_its_check_and_system_alone() -> None:
    here = Finding("gateway/production/services.json", "Resources/X", "E9502", "reaches too much")
    there = dataclasses.replace(here, file="gateway/development/services.json")

    against = {one.control.requirement for one in evidence("gateway", here).open}

    assert against == {"1.2.5", "1.3.1", "1.3.2", "1.4.2"}
    assert evidence("gateway", there).open == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_inventories_are_complete(system: str) -> None:
    one, all_of_it = evidence(system), resolved(system)
    reached = reach(rendered(system), described(system), "prod", samples(rendered(system)))

    flows = {(c.source, c.target, str(c.ports)) for c in reached.connections}
    assert {row[:3] for row in table(one, "Data flow")} == flows
    roles = {role.address for role in all_of_it.of_type("AWS::IAM::Role")}
    assert {row[0] for row in table(one, "Roles")} == roles
    keys = {key.address for key in all_of_it.of_type("AWS::KMS::Key")}
    assert {row[0] for row in table(one, "Keys")} - {"owned by AWS"} == keys
    listeners = all_of_it.of_type("AWS::ElasticLoadBalancingV2::Listener")
    assert {row[0] for row in table(one, "TLS")} == {listener.address for listener in listeners}


def test_all_but_the_bucket_of_logs_is_encrypted_with_keys_of_the_system() -> None:
    rows = table(evidence("gateway"), "Keys")
    ours = [row for row in rows if row[0] != "owned by AWS"]

    assert len(ours) == 4
    assert all(row[2] == "each year" and row[3] for row in ours)
    assert [row[3] for row in rows if row not in ours] == ["LogBucket"]


def test_a_development_environment_says_what_it_gives_up() -> None:
    one = evidence("gateway/development")
    given_up = {setting.field for setting in one.gives_up}

    assert {"network.nat", "logs.retention_days", "alarms"} <= given_up
    assert "logs.key" not in given_up  # its description wants one in development, too
    assert evidence("gateway").gives_up == ()
    for setting in one.gives_up:
        assert escape(setting.gives_up) in as_html(one)
    assert one.open


def test_page_and_json_say_the_same() -> None:
    one = evidence("gateway")
    page, content = as_html(one), json.loads(as_json(one))

    assert content["profile"] == "production"
    assert len(content["controls"]) == len(one.controls) > 15
    for control in content["controls"]:
        assert escape(control["control"]) in page
        for fact in control["evidence"]:
            assert fact["resource"] in page
    assert content["templates"].keys() == rendered("gateway").files.keys()
    assert "http://" not in page.replace("http://fraud", "").replace("http://payment", "")


def test_the_page_shows_text_and_never_markup_of_a_description() -> None:
    system = described("gateway").model_copy(update={"description": "<script>alert(1)</script>"})
    it = rendered("gateway")
    page = as_html(pack(it, system, "prod", samples(it)))

    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_excerpt_on_the_page_is_that_of_the_evidence() -> None:
    page = (ROOT / "docs" / "evidence.md").read_text()
    (excerpt,) = re.findall(r"^```json\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    shown_there = json.loads(excerpt)
    said = json.loads(as_json(evidence("gateway")))["controls"]
    (control,) = [one for one in said if one["requirement"] == shown_there["requirement"]]

    assert control.pop("evidence")[0] == shown_there.pop("evidence")[0]
    assert control == shown_there


def test_what_does_not_concern_a_system_is_said_with_the_reason() -> None:
    one = evidence("payments")
    left = {control.requirement: control.otherwise for control in one.elsewhere}

    assert left.keys() == {"6.3.1", "8.6.2", "8.6.3"}
    for why in left.values():
        assert why
        assert escape(why) in as_html(one)


def test_nothing_on_the_page_pretends_to_be_of_a_deployment() -> None:
    for system in REFERENCES:
        page = as_html(evidence(system))
        assert not re.search(r"sha256:[0-9a-f]{64}", page)
        assert "111122223333" not in page
        assert "us-east-1" not in page


def test_everything_is_in_the_list_of_parts() -> None:
    parts = table(evidence("gateway"), "Parts")
    assert {row[0] for row in parts} == resolved("gateway").resources.keys()
