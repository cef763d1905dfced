"""Policies that allow less, more or something else."""

from typing import Any

from tests.mutation.areas import POLICIES
from tests.mutation.mutant import REMOVED, Mutants, Site, shown

OPPOSITES = {
    "ArnEquals": "ArnNotEquals",
    "ArnLike": "ArnNotLike",
    "Bool": "Null",
    "StringEquals": "StringNotEquals",
    "StringLike": "StringNotLike",
}
OTHER_SERVICE = "lambda.amazonaws.com"
OTHER_ACCOUNT = "999999999999"


def _step(site: Site) -> tuple[str | int, ...]:
    """Return the path from the list of statements on; empty if not in one."""
    if not POLICIES & set(site.inner) or "Statement" not in site.path:
        return ()
    return site.path[site.path.index("Statement") + 1 :]


def a_statement(site: Site) -> Mutants:
    """Take out a statement, turn it around, or add one that allows everything."""
    if site.key in POLICIES and isinstance(site.value, dict) and "Statement" in site.value:
        own = dict(site.value["Statement"][0])
        others = {key: own[key] for key in ("Principal",) if key in own}
        all_of_it = {"Effect": "Allow", "Action": "*", "Resource": "*", **others}
        if site.key == "AssumeRolePolicyDocument":
            all_of_it = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}
        place = (*site.path, "Statement", len(site.value["Statement"]))
        yield site.mutant("statement added that allows all", (place, all_of_it), at=place)
        for key in site.value:
            if key != "Statement":
                place = (*site.path, key)
                yield site.mutant("policy element removed", (place, REMOVED), at=place)
    if len(_step(site)) != 1 or not isinstance(site.value, dict):
        return
    allowed = site.value.get("Effect") == "Allow"
    other = "Deny" if allowed else "Allow"
    yield site.mutant("effect turned around", ((*site.path, "Effect"), other), detail=other)
    for key in sorted(site.value):
        place = (*site.path, key)
        yield site.mutant("policy element removed", (place, REMOVED), at=place)
        if key in ("Action", "Resource", "Principal"):
            turned = {k: v for k, v in site.value.items() if k != key} | {
                f"Not{key}": site.value[key]
            }
            yield site.mutant(f"{key} turned around", (site.path, turned), at=place)


def actions(site: Site) -> Mutants:
    """Allow other actions."""
    step = _step(site)
    if step[1:2] != ("Action",) or not isinstance(site.value, str):
        return
    service, _, name = site.value.partition(":")
    if not name:
        return
    yield site.changed("action widened to its service", f"{service}:*")
    yield site.changed("action widened to all", "*")
    yield site.changed("action widened", f"{service}:{name[:3]}*")
    yield site.changed("action of another service", f"iam:{name}")
    yield site.changed("action narrowed", site.value.rstrip("*") + "Batch")


def resources(site: Site) -> Mutants:
    """Allow it on other resources."""
    step = _step(site)
    if step[1:2] != ("Resource",) or len(step) > 3 or isinstance(site.value, list):
        return
    if site.value != "*":
        yield site.changed("resource widened to all", "*")
        suffix = _with_suffix(site.value)
        if suffix is not None:
            yield site.changed("resource widened", suffix)
    other = {"Fn::Sub": f"arn:${{AWS::Partition}}:s3:::{OTHER_ACCOUNT}"}
    yield site.changed("resource of somebody else", other)


def principals(site: Site) -> Mutants:
    """Allow it to others."""
    step = _step(site)
    if step[1:2] != ("Principal",):
        return
    if len(step) == 2:
        yield site.changed("principal widened to all", "*")
        yield site.changed("principal of another account", {"AWS": OTHER_ACCOUNT})
    if len(step) == 3 and step[2] == "Service":
        yield site.changed("principal of another service", OTHER_SERVICE)


def conditions(site: Site) -> Mutants:
    """Ask for something else, or for nothing."""
    step = _step(site)
    if step[1:2] != ("Condition",):
        return
    if len(step) == 3:
        yield site.removed("operator of a condition removed")
        operator, above = str(step[2]), site.path[:-1]
        opposite = OPPOSITES.get(operator, f"{operator}IfExists")
        edits = (((*above, operator), REMOVED), ((*above, opposite), site.value))
        yield site.mutant("condition turned around", *edits, detail=opposite)
        edits = (((*above, operator), REMOVED), ((*above, f"{operator}IfExists"), site.value))
        yield site.mutant("condition made optional", *edits)
    if len(step) == 4:
        yield site.removed("key of a condition removed")
        edits = ((site.path, REMOVED), ((*site.path[:-1], f"{step[3]}x"), site.value))
        yield site.mutant("key of a condition misspelt", *edits)
        yield site.changed("value of a condition widened", "*")
        yield site.changed("value of a condition swapped", OTHER_ACCOUNT)
        values = site.value if isinstance(site.value, list) else [site.value]
        if values[0] not in ("true", "false"):  # both would be as if the key were not there
            more = [*values, _elsewhere(values[0])]
            yield site.changed("value added to a condition", more)
        suffix = _with_suffix(site.value)
        if suffix is not None:
            yield site.changed("value of a condition widened", suffix)


def _elsewhere(value: Any) -> Any:
    """Return the same of another account, or only the account where ``value`` has none."""
    match value:
        case {"Fn::Sub": str(text)} if "${AWS::AccountId}" in text:
            return {"Fn::Sub": text.replace("${AWS::AccountId}", OTHER_ACCOUNT)}
    return OTHER_ACCOUNT


def _with_suffix(value: Any) -> Any:
    """Return a text, or the ``Fn::Sub`` of one, with everything after its last name allowed."""
    match value:
        case {"Fn::Sub": str(text)} if not text.endswith("*"):
            return {"Fn::Sub": f"{text}*"}
        case str() if not value.endswith("*"):
            return f"{value}*"
    return None


__all__ = ["PLANTERS", "shown"]
PLANTERS = (a_statement, actions, resources, principals, conditions)
