"""The repositories that a system makes."""

import json
from typing import Any

from checks.consistency.nest import REPOSITORY, Nest, below, section, text
from checks.consistency.rule import Hit, Hits, rule


@rule("E9776")
def repositories_as_described(nest: Nest) -> Hits:
    """Require that repositories scan images, hold on to tags and go as described, and let go of
    images as described and never of one that may run: a task whose image is gone does not start
    again.
    """
    registry = nest.described.registry
    wanted = {
        ("EmptyOnDelete",): text(nest.described.removal_policy == "destroy"),
        ("ImageScanningConfiguration", "ScanOnPush"): text(registry.scan_on_push),
        ("ImageTagMutability",): "IMMUTABLE" if registry.immutable_tags else "MUTABLE",
    }
    for repository in nest.system.of_type(REPOSITORY):
        for place, value in wanted.items():
            found = below(repository.properties, *place)
            if text(found) != value:
                yield Hit(repository, f"must be {value}, found {found}", place)
        where = ("LifecyclePolicy", "LifecyclePolicyText")
        try:
            rules = json.loads(below(repository.properties, *where) or "")["rules"]
        except (ValueError, KeyError, TypeError):
            yield Hit(repository, "must be rules in JSON: images stay for ever", where)
            continue
        for message in filter(None, (_too_eager(nest, section(one, "selection")) for one in rules)):
            yield Hit(repository, message, where)


def _too_eager(nest: Nest, selection: dict[str, Any]) -> str | None:
    """Return what is wrong with the images that a rule expires."""
    lifecycle = nest.described.registry.lifecycle
    status, count = selection.get("tagStatus"), selection.get("countNumber")
    if status == "untagged" and nest.described.registry.immutable_tags:
        days = lifecycle.untagged_days
        return None if count == days else f"expires untagged images after {count}, not {days} days"
    if status == "tagged" and selection.get("countType") == "imageCountMoreThan":
        keep = lifecycle.keep_tagged
        return None if count == keep else f"keeps {count} tagged images, not {keep}"
    return f"expires images that may run: {status}"
