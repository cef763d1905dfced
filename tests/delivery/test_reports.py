import json
from typing import Any

from delivery import reports
from delivery.changes import Cause, Change
from delivery.output import dumps
from delivery.policy import Policy

KEY = Change(("Data",), "Key", "AWS::KMS::Key", "Remove", "no")
ODD = Change(
    (),
    "Odd",
    "AWS::X::Y",
    "Modify",
    "maybe",
    causes=(Cause("P", "maybe", "a|b", "<c> `d`\ne", "Parameter"),),
)
POLICY = Policy()


def refused() -> list[Any]:
    return POLICY.refusals([KEY, ODD], "production")


def test_a_machine_reads_whole_values_and_who_refuses() -> None:
    written = dumps(reports.as_json("tiny-dev", [KEY, ODD], POLICY, refused()))
    odd, key = json.loads(written)["changes"]
    assert odd == {
        "stack": "tiny-dev",
        "logicalId": "Odd",
        "address": "Odd",
        "type": "AWS::X::Y",
        "action": "Modify",
        "replacement": "maybe",
        "retained": False,
        "risk": "low",
        "reason": "a new one takes its place",
        "refusedBy": None,
        "causes": [
            {
                "property": "P",
                "replaces": "maybe",
                "before": "a|b",
                "after": "<c> `d`\ne",
                "entity": "Parameter",
            }
        ],
    }
    assert (key["address"], key["refusedBy"], key["risk"]) == ("Data/Key", "keys", "data loss")


def test_a_comment_warns_first_and_keeps_its_table_whole_whatever_values_hold() -> None:
    text = reports.as_markdown("tiny-dev", [KEY, ODD], POLICY, refused(), "the end")
    assert text == (
        "### `tiny-dev`: 1 to modify, 1 to remove, 1 perhaps replaced\n\n"
        "- **data loss**: `Data/Key`: what it has encrypted can no longer be read once it is "
        "deleted\n"
        "- **low**: `Odd`: a new one takes its place\n\n"
        "**Refused by policy** unless allowed by name: `Data/Key`\n\n"
        "| Resource | Type | Action | Replacement | Risk | What changes |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| `Odd` | AWS::X::Y | Modify | maybe | low | P: a\\|b → &lt;c&gt; \\`d\\` e "
        "(perhaps replaces it; Parameter) |\n"
        "| `Data/Key` | AWS::KMS::Key | Remove | no | data loss |  |\n\n"
        "the end\n"
    )


def test_a_comment_about_nothing_says_so() -> None:
    assert reports.as_markdown("tiny-dev", [], POLICY, []) == "### `tiny-dev`: no changes\n"


def test_of_what_is_of_low_risk_a_few_are_named_above_the_table() -> None:
    many = [Change((), f"Odd{n}", "AWS::X::Y", "Modify", "no") for n in range(5)]
    text = reports.as_markdown("tiny-dev", many, POLICY, [])
    reason = POLICY.risk(many[0]).reason
    assert f"\n- **low**: `Odd0`, `Odd1`, `Odd2` and 2 more: {reason}\n" in text


def test_a_long_table_is_folded() -> None:
    many = [Change((), f"Role{n}", "AWS::IAM::Role", "Add", "no") for n in range(30)]
    text = reports.as_markdown("tiny-dev", many, POLICY, [])
    assert "<details><summary>30 changes</summary>\n\n| Resource |" in text
    assert text.endswith("|  |\n\n</details>\n")
