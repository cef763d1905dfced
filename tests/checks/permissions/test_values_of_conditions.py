"""Whom and what conditions name: nobody else, wherever a value is added."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from checks.permissions.check import check
from checks.rendering import Path
from checks.resolved import samples
from description.guardduty import AGENT_ACCOUNTS
from tests.checks.permissions import defects
from tests.checks.templates import rendering
from tests.systems_under_test import SYSTEMS, described, rendered

FOREIGN = (
    "*",
    "444455556666",
    "arn:aws:*:*:*:*",
    "arn:aws:ecs:us-east-1:444455556666:*",
    "arn:aws:logs:us-east-1:444455556666:log-group:/ecs/payment-api-gateway-dev",
    "arn:aws:secretsmanager:us-east-1:111122223333:secret:of-somebody-else-dev-??????",
    "public-read",
    "rds.us-east-1.amazonaws.com",
)
"""Values that no condition of ours may have."""


def conditions(node: Any, path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield where each operator of each statement that allows is, and the keys that it has."""
    if isinstance(node, dict):
        if node.get("Effect") == "Allow":
            for operator, keys in node.get("Condition", {}).items():
                yield (*path, "Condition", operator), keys
        for key, one in node.items():
            yield from conditions(one, (*path, key))
    elif isinstance(node, list):
        for index, one in enumerate(node):
            yield from conditions(one, (*path, index))


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_condition_has_room_for_somebody_else(system: str) -> None:
    templates = copy.deepcopy(rendered(system).templates)
    planted = set()
    for file, template in templates.items():
        for path, keys in conditions(template):
            for key, has in keys.items():
                keys[key] = [*(has if isinstance(has, list) else [has]), *FOREIGN]
                planted |= {(file, "/".join(map(str, path)), key.lower(), one) for one in FOREIGN}
    spoilt = rendering(templates, system)

    found = {
        (one.file.rpartition("/")[2], one.path, *one.message.split(", ")[0].split(" ")[3::2])
        for one in check(spoilt, described(system), samples(spoilt))
        if one.rule == "E9603" and one.message.startswith("is allowed where ")
    }

    assert planted
    assert found == planted


def test_every_account_of_the_agent_must_be_named() -> None:
    here = AGENT_ACCOUNTS["us-east-1"]
    templates = copy.deepcopy(rendered("payments").templates)
    statement = defects.policy(templates, defects.NOTIFIER)["PullGuardDutyAgent"]
    statement["Condition"]["StringEquals"]["aws:ResourceAccount"] = [here]
    spoilt = rendering(templates, "payments")

    found = list(check(spoilt, described("payments"), samples(spoilt)))

    assert {one.rule for one in found} == {"E9601"}
    missing = {one.message.rpartition(" is ")[2].removesuffix(", too") for one in found}
    assert missing == {*AGENT_ACCOUNTS.values()} - {here}


def test_a_finding_says_where_the_condition_is_and_which_value_is_too_much() -> None:
    templates = copy.deepcopy(rendered("gateway").templates)
    keys = defects.trust(templates)["Condition"]["StringEquals"]
    keys["aws:SourceAccount"] = [keys["aws:SourceAccount"], "444455556666"]
    spoilt = rendering(templates, "gateway")

    (one,) = check(spoilt, described("gateway"), samples(spoilt))

    assert one.rule == "E9603"
    assert one.message == "is allowed where aws:sourceaccount is 444455556666, which nothing needs"
    assert one.path == (
        "Resources/ApiGatewayExecutionRole/Properties/AssumeRolePolicyDocument/Statement/0"
        "/Condition/StringEquals"
    )
