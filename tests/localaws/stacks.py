"""Deploy small templates to the local AWS and read what became of them."""

import json
import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from localaws import LocalSession

Template = dict[str, Any]
CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
BUCKET = "templates"


def template(resources: dict[str, Any], **sections: Any) -> Template:
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources, **sections}


def child(url: str, parameters: dict[str, Any] | None = None, **attributes: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {"TemplateURL": url}
    if parameters:
        properties["Parameters"] = parameters
    return {"Type": "AWS::CloudFormation::Stack", "Properties": properties, **attributes}


def output(value: Any) -> dict[str, Any]:
    return {"Value": value}


@dataclass
class Stacks:
    """CloudFormation of one account."""

    session: LocalSession

    @cached_property
    def api(self) -> Any:
        return self.session.client("cloudformation")

    @cached_property
    def _s3(self) -> Any:
        s3 = self.session.client("s3")
        s3.create_bucket(Bucket=f"{BUCKET}-{self.session.account}")
        return s3

    def two_subnets(self) -> list[str]:
        """Make a network of two zones for what only the API makes, and return its subnets."""
        ec2 = self.session.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        return [
            ec2.create_subnet(
                VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=f"us-east-1{zone}"
            )["Subnet"]["SubnetId"]
            for number, zone in enumerate("ab")
        ]

    def publish(self, name: str, body: Template) -> str:
        bucket = f"{BUCKET}-{self.session.account}"
        self._s3.put_object(Bucket=bucket, Key=name, Body=json.dumps(body).encode())
        return f"https://s3.us-east-1.amazonaws.com/{bucket}/{name}"

    def create(self, body: Template, name: str = "root", **options: Any) -> Any:
        """Create a stack and return it when it has settled."""
        self.api.create_stack(
            StackName=name, TemplateBody=json.dumps(body), Capabilities=CAPABILITIES, **options
        )
        return self.settled(name)

    def update(self, body: Template, name: str = "root", **options: Any) -> Any:
        self.api.update_stack(
            StackName=name, TemplateBody=json.dumps(body), Capabilities=CAPABILITIES, **options
        )
        return self.settled(name)

    def delete(self, name: str = "root") -> Any:
        stack_id = self.describe(name)["StackId"]
        self.api.delete_stack(StackName=name)
        return self.settled(stack_id, "DELETE_")

    def change_set(
        self, body: Template, kind: str = "UPDATE", name: str = "root", **options: Any
    ) -> Any:
        """Create a change set that looks into nested stacks, and return its description."""
        options.setdefault("IncludeNestedStacks", True)
        created = self.api.create_change_set(
            StackName=name,
            ChangeSetName=f"change-{time.monotonic_ns()}",
            ChangeSetType=kind,
            TemplateBody=json.dumps(body),
            Capabilities=CAPABILITIES,
            **options,
        )
        return self.api.describe_change_set(ChangeSetName=created["Id"])

    def execute(self, change_set: Any) -> Any:
        self.api.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
        return self.settled(change_set["StackId"])

    def settled(self, name: str, prefix: str = "") -> Any:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            stack = self.describe(name)
            status = stack["StackStatus"]
            if status.startswith(prefix) and not status.endswith("_IN_PROGRESS"):
                return stack
            time.sleep(0.01)
        raise TimeoutError(f"{name} is still {status}")

    def describe(self, name: str = "root") -> Any:
        return self.api.describe_stacks(StackName=name)["Stacks"][0]

    def outputs(self, name: str = "root") -> dict[str, str]:
        return {o["OutputKey"]: o["OutputValue"] for o in self.describe(name).get("Outputs", [])}

    def resource(self, logical_id: str, name: str = "root") -> Any:
        """Return a resource of a stack; "Child/Vpc" is the Vpc of the nested stack Child."""
        *path, last = logical_id.split("/")
        for step in path:
            name = self.resource(step, name)["PhysicalResourceId"]
        return self.api.describe_stack_resources(StackName=name, LogicalResourceId=last)[
            "StackResources"
        ][0]

    def physical_id(self, logical_id: str, name: str = "root") -> str:
        return str(self.resource(logical_id, name)["PhysicalResourceId"])

    def events(self, name: str = "root") -> list[Any]:
        """Return a stack's events, the oldest first."""
        return list(reversed(self.api.describe_stack_events(StackName=name)["StackEvents"]))

    def failures(self, name: str = "root") -> dict[str, str]:
        """Return the reason of every failed resource."""
        return {
            event["LogicalResourceId"]: event["ResourceStatusReason"]
            for event in self.events(name)
            if event["ResourceStatus"].endswith("_FAILED")
        }

    def alive(self) -> list[str]:
        """Return the names of the stacks that are not deleted."""
        return sorted(stack["StackName"] for stack in self.api.describe_stacks()["Stacks"])
