"""Looks whether something else has the name of a resource that would be made: what an earlier stack
retained, for example.
"""

from collections.abc import Callable, Iterator
from os.path import commonprefix

from delivery import moves
from delivery.aws import Aws
from delivery.leftovers import removal
from delivery.preflight.results import Result, ok, problem
from delivery.preflight.subject import Subject
from description.profiles import Profile

Found = dict[str, str]
"""Name to physical id."""


def log_groups(aws: Aws, names: list[str]) -> Found:
    """Return those log groups that exist."""
    families: dict[str, list[str]] = {}
    for name in names:
        families.setdefault(name.rpartition("/")[0], []).append(name)
    pages = aws.client("logs").get_paginator("describe_log_groups")
    return {
        one["logGroupName"]: one["logGroupName"]
        for family in families.values()
        for page in pages.paginate(logGroupNamePrefix=_beginning(family))
        for one in page["logGroups"]
    }


def repositories(aws: Aws, names: list[str]) -> Found:
    """Return the account's repositories."""
    del names
    pages = aws.client("ecr").get_paginator("describe_repositories")
    return {
        one["repositoryName"]: one["repositoryName"]
        for page in pages.paginate(PaginationConfig={"PageSize": 1000})
        for one in page["repositories"]
    }


def secrets(aws: Aws, names: list[str]) -> Found:
    """Return the secrets that exist, also those whose deletion has begun: they keep the name."""
    pages = aws.client("secretsmanager").get_paginator("list_secrets")
    filters = [{"Key": "name", "Values": [_beginning(names)]}]
    return {
        one["Name"]: one["ARN"]
        for page in pages.paginate(Filters=filters, IncludePlannedDeletion=True)
        for one in page["SecretList"]
    }


KINDS: dict[str, tuple[str, Callable[[Aws, list[str]], Found]]] = {
    "AWS::Logs::LogGroup": ("LogGroupName", log_groups),
    "AWS::ECR::Repository": ("RepositoryName", repositories),
    "AWS::SecretsManager::Secret": ("Name", secrets),
}
"""The types that are retained and have names of ours: the property, and what finds them."""


def _beginning(names: list[str]) -> str:
    """Return what all names begin with."""
    return commonprefix(names)  # noqa: RUF071  they are no paths


def _advice(it: Subject, kind: str, name: str, physical_id: str) -> str:
    """Return what makes the name free, and keeps an audit trail (PCI DSS 10.5.1)."""
    if kind == "AWS::Logs::LogGroup" and it.order.profile == Profile.PRODUCTION:
        return (
            "It may hold an audit trail: copy its events to a bucket first, with aws logs "
            f"create-export-task --log-group-name {name}; only then make its name free"
        )
    # The web ACL's group is named after the system, without the prefix.
    prefixed = not name.startswith("aws-waf-logs-")
    remove = "Choose another name_prefix, or remove it" if prefixed else "Remove it"
    return f"{remove} for good with: {removal(it.aws, kind, physical_id)}"


def check(it: Subject) -> Iterator[Result]:
    """Look for names that are taken: a call for each kind of thing, and one for the templates of a
    stack that is deployed; more where they are others now.
    """
    count, taken = 0, False
    for kind, (attribute, find) in KINDS.items():
        wanted = it.names(kind, attribute)
        if not wanted:
            continue
        count += len(wanted)
        found = find(it.aws, sorted(wanted.values()))
        holders = it.holders(kind, attribute) if found else {}
        for address, name in sorted(wanted.items()):
            physical_id = found.get(name, "")
            if not physical_id:
                continue
            holder = holders.get(name) or it.addresses.get(physical_id)
            if holder != address:
                taken = True
                why = (
                    f"the {kind} {name} is {holder} of this stack, which "
                    f"{moves.advice(holder, address)}"
                    if holder
                    else f"there is an {kind} {name} that is not of this stack, perhaps retained "
                    f"by an earlier one. {_advice(it, kind, name, physical_id)}"
                )
                yield problem(f"{address} cannot be made: {why}")
    if not taken:
        yield ok(f"none of {count} is taken")
