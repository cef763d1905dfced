"""What is there in an account, in a form that two accounts can be compared in."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.session import get_session

from localaws import LocalSession
from localaws.clients import NO_SECRET, loader

NESTED = "AWS::CloudFormation::Stack"


@dataclass(frozen=True)
class Inventory:
    """All that a deployment makes, without ids and times."""

    stacks: dict[str, int]
    """How many of each name and status there are; those that are only planned, too."""
    open_change_sets: int
    """Change sets of the root that are neither executed nor empty."""
    resources: dict[str, str]
    """Type by address."""
    there: dict[str, int]
    """How many things of each kind the services themselves know."""
    parameters: dict[str, str]
    protected: bool
    templates: dict[str, int]
    """How many objects and versions of them hold each template."""
    records: int
    """How many deployments a rollback knows."""


@cache
def _clients(endpoint_url: str, region: str) -> tuple[Any, dict[str, Any]]:
    """Return keys, and clients that sign with them: which account is meant can be changed."""
    core = get_session()
    core.register_component("data_loader", loader())
    core.set_credentials("", NO_SECRET)
    session = boto3.Session(botocore_session=core, region_name=region)
    config = Config(s3={"addressing_style": "path"})
    return core.get_credentials(), {
        name: session.client(name, endpoint_url=endpoint_url, config=config)
        for name in ("cloudformation", "ec2", "ecr", "ecs", "elbv2", "iam", "logs", "s3")
    }


def inventory(session: LocalSession, name: str, bucket: str) -> Inventory:
    """Look at everything of the stack called ``name``, and at all else that is in the account."""
    keys, clients = _clients(session.endpoint_url, session.region)
    keys.access_key = session.account
    cloudformation = clients["cloudformation"]
    pages = cloudformation.get_paginator("describe_stacks").paginate()
    found = [stack for page in pages for stack in page["Stacks"]]
    root: Any = next((one for one in found if one["StackName"] == name), {})
    stored = _stored(clients["s3"], bucket)
    return Inventory(
        stacks=dict(Counter(f"{_plain(one['StackName'])} {one['StackStatus']}" for one in found)),
        open_change_sets=_open(cloudformation, name) if root else 0,
        resources=dict(_resources(cloudformation, name, "")) if root else {},
        there=dict(_there(clients)),
        parameters={p["ParameterKey"]: p["ParameterValue"] for p in root.get("Parameters", ())},
        protected=root.get("EnableTerminationProtection", False),
        templates=dict(Counter(_plain(key) for key in stored if _RECORDS not in key)),
        records=len({key for key in stored if _RECORDS in key}),
    )


_RECORDS = "/deployments/"


def _plain(name: str) -> str:
    """Return a name without what is random in a nested stack's, or the hash in a template's."""
    return re.sub(r"-[0-9a-f]{16}(?=\.json$)|-[0-9A-F]{12}(?=-|$)", "", name)


def _open(cloudformation: Any, name: str) -> int:
    summaries = cloudformation.list_change_sets(StackName=name)["Summaries"]
    return sum(not one["ExecutionStatus"].startswith("EXECUTE_") for one in summaries)


def _resources(cloudformation: Any, stack: str, prefix: str) -> Iterator[tuple[str, str]]:
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    for page in pages:
        for one in page["StackResourceSummaries"]:
            if one["ResourceStatus"] == "DELETE_COMPLETE":
                continue
            address = f"{prefix}{one['LogicalResourceId']}"
            yield address, one["ResourceType"]
            if one["ResourceType"] == NESTED:
                yield from _resources(cloudformation, one["PhysicalResourceId"], f"{address}/")


def _stored(s3: Any, bucket: str) -> list[str]:
    """Return the key of every version of every object."""
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket)
    return [one["Key"] for page in pages for one in page.get("Versions", ())]


def _there(clients: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield how many there are of each kind, whoever made them."""
    ec2, elb, ecs = clients["ec2"], clients["elbv2"], clients["ecs"]
    yield "vpcs", len(ec2.describe_vpcs()["Vpcs"])
    yield "subnets", len(ec2.describe_subnets()["Subnets"])
    yield "route tables", len(ec2.describe_route_tables()["RouteTables"])
    yield "security groups", len(ec2.describe_security_groups()["SecurityGroups"])
    yield "load balancers", len(elb.describe_load_balancers()["LoadBalancers"])
    yield "target groups", len(elb.describe_target_groups()["TargetGroups"])
    clusters = ecs.list_clusters()["clusterArns"]
    active = [
        one["clusterArn"]
        for one in ecs.describe_clusters(clusters=clusters)["clusters"]
        if one["status"] == "ACTIVE"
    ]
    yield "clusters", len(active)
    yield "services", sum(len(ecs.list_services(cluster=one)["serviceArns"]) for one in active)
    yield "task definitions", len(ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"])
    yield "log groups", len(clients["logs"].describe_log_groups()["logGroups"])
    yield "repositories", len(clients["ecr"].describe_repositories()["repositories"])
    yield "roles", len(clients["iam"].list_roles()["Roles"])
    yield "buckets", len(clients["s3"].list_buckets()["Buckets"])


def differences(one: Inventory, other: Inventory) -> str:
    """Return in what two inventories differ, as text; nothing if in nothing."""
    return "\n".join(
        f"{name}: {json.dumps(value, sort_keys=True)} is not {json.dumps(vars(other)[name])}"
        for name, value in vars(one).items()
        if value != vars(other)[name]
    )
