"""The evidence for an audit is what the templates say, and would say otherwise if they did."""

import copy
import dataclasses
import json
from collections.abc import Iterator
from html import escape
from typing import Any

import pytest

from checks import consistency, own
from checks.evidence import Pack, as_html, as_json, pack
from checks.evidence.control import Control, Fact
from checks.evidence.controls import CONTROLS
from checks.findings import Finding
from checks.reachability import reach
from checks.resolved import Resource, System, resolve, samples
from tests.systems_under_test import REFERENCES, ROOT, SYSTEMS, described, rendered

SHOWN = (*REFERENCES, "marketplace")
"""Systems that together have all that controls are about."""

IDS = [f"{one.requirement} {one.control[:40]}" for one in CONTROLS]


def evidence(system: str, *findings: Finding) -> Pack:
    it = rendered(system)
    return pack(it, described(system), "prod", samples(it), findings)


def resolved(system: str) -> System:
    return resolve(rendered(system), samples(rendered(system)))


def table(one: Pack, title: str) -> set[tuple[str, ...]]:
    (found,) = [table for table in one.tables if table.title == title]
    return set(found.rows)


@pytest.mark.parametrize("system", REFERENCES)
def test_every_control_of_a_production_environment_holds(system: str) -> None:
    assert [one.control.control for one in evidence(system).open] == []


@pytest.mark.parametrize("control", CONTROLS, ids=IDS)
def test_some_system_shows_the_control(control: Control) -> None:
    assert any(list(control.facts(resolved(system))) for system in SHOWN)


@pytest.mark.parametrize("control", CONTROLS, ids=IDS)
def test_a_control_no_longer_holds_where_a_property_that_shows_it_is_gone(control: Control) -> None:
    system, facts = next(
        (one, facts)
        for one in map(resolved, SHOWN)
        if (facts := [fact for fact in control.facts(one) if fact.value is not None])
    )
    changed = []
    for fact in facts:
        spoilt = dataclasses.replace(system, resources=spoil(system, fact))
        now = list(control.facts(spoilt))
        changed.append(len(now) < len(facts) or not all(one.holds for one in now))
    # What is only shown is judged by the control's checks.
    assert any(changed) or control.requirement == "7.2.5"


def spoil(system: System, fact: Fact) -> dict[str, Resource]:
    """Return the resources with the fact's property taken away."""
    resource = fact.resource
    properties = copy.deepcopy(resource.properties)
    *way, last = fact.property.split("/")
    node: Any = properties
    for step in way:
        node = item(node, step)
    if isinstance(node, dict):
        node.pop(last, None)
    elif isinstance(node, list):
        node[:] = [one for index, one in enumerate(node) if str(index) != last]
    changed = dataclasses.replace(resource, properties=properties)
    return {**system.resources, resource.address: changed}


def item(node: Any, step: str) -> Any:
    if isinstance(node, list):
        return node[int(step)] if step.isdecimal() else next(o for o in node if o["Key"] == step)
    return node[step]


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

    assert against == {"1.2.5", "1.3.1", "1.3.2", "1.4.4"}
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


def test_the_keys_of_production_each_encrypt_something_and_none_is_the_keys_of_aws() -> None:
    rows = table(evidence("gateway"), "Keys")
    assert len(rows) == 4
    assert all(row[2] == "each year" and row[3] for row in rows)


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
