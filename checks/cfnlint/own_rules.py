"""Our own rules (E91xx) for plain cfn-lint: ``cfn-lint --append-rules <this folder> -- template``.

cfn-lint loads this file by its path, from whatever folder it runs in, and makes a rule of each
class in it. There is a class for each of ``checks.own.RULES``. Nothing but cfn-lint has to be
installed.
"""

import sys
from pathlib import Path
from typing import Any

from cfnlint.rules._rule import CloudFormationLintRule, RuleMatch

_PROJECT = str(Path(__file__).resolve().parents[2])
if _PROJECT not in sys.path:
    sys.path.append(_PROJECT)

from checks.findings import at  # noqa: E402
from checks.own import RULES  # noqa: E402 - found only now
from checks.own.rule import Rule  # noqa: E402
from checks.rendering import Path as Place  # noqa: E402


def _place(path: Place) -> str:
    """Return what is wrong, as people call it: cfn-lint shows the nearest line that is there."""
    return at(step for step in path if step not in ("Resources", "Properties"))


def _class(rule: Rule) -> type:
    """Return a class of cfn-lint that stands for ``rule``."""

    def match(_: object, cfn: Any) -> list[RuleMatch]:
        found = rule.find(cfn.template)
        return [RuleMatch(list(path), f"{_place(path)}: {message}") for path, message in found]

    members = {
        "id": rule.id,
        "shortdesc": rule.reason.partition(":")[0].rstrip("."),
        "description": rule.reason,
        "source_url": "docs/checks.md",
        "tags": ["payment-stacks"],
        "match": match,
    }
    return type(rule.id, (CloudFormationLintRule,), members)


globals().update({rule.id: _class(rule) for rule in RULES})
