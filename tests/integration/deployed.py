"""The reference systems as a user deploys them, on a local AWS."""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import boto3
from rich.console import Console

from delivery import deployment, operations, stacks
from delivery.aws import Aws
from delivery.deployment import Deployed, Order, Place
from description.digests import overlaid
from description.model import Profile, System
from localaws import LocalSession
from templates.render import render
from tests import principals
from tests.functions import make_function
from tests.principals import Credentials

ALARM_EMAIL = "on-call@example.com"
ENVIRONMENT = "test"
PREFIX = "templates"
TAGS = {"Environment": "test", "Team": "payments", "Repository": "payments/infrastructure"}


@dataclass
class Site:
    """One system in an account of its own."""

    system: System
    session: LocalSession
    log: io.StringIO = field(default_factory=io.StringIO)

    @property
    def bucket(self) -> str:
        return f"templates-{self.session.account}"

    def client(self, service: str) -> Any:
        return self.session.client(service)

    @property
    def certificate(self) -> str:
        """The name of the parameter that holds the certificate's ARN."""
        return f"/{self.system.name_prefix}/{self.system.name}/certificate-arn"

    @cached_property
    def place(self) -> Place:
        """What a person reaches who has the policies that are shipped, and no other right."""
        return self.reached_by(self.person.boto_session())

    def reached_by(self, session: boto3.Session) -> Place:
        """Return what somebody reaches with their credentials."""
        aws = Aws.over(session, self.session.endpoint_url)
        return Place(aws, self.bucket, PREFIX, Console(file=self.log, width=160))

    @cached_property
    def person(self) -> Credentials:
        """Somebody who deploys, and may empty buckets of logs."""
        policies = ("Person", "Emptying")
        return principals.make(self.session, self.system, self.bucket, *policies)

    def prepare(self) -> None:
        """Make what is there before a first deployment: the bucket, and what the system needs."""
        self.client("s3").create_bucket(Bucket=self.bucket)
        self.prepare_system()

    def prepare_system(self) -> None:
        """Make a certificate, functions that rotate secrets, and the role that CloudFormation acts
        with.
        """
        arn = self.client("acm").request_certificate(DomainName="pay.example.com")["CertificateArn"]
        self.client("ssm").put_parameter(Name=self.certificate, Value=arn, Type="String")
        secrets = self.system.secrets.values()
        for function in {one.rotation.function for one in secrets if one.rotation}:
            name = function.replace("${EnvironmentSuffix}", ENVIRONMENT)
            make_function(self.session, name)
        principals.make_execution_role(self.session, self.system, self.bucket)

    def order(self, images: Mapping[str, str], **parameters: str) -> Order:
        templates = render(self.system)
        declared = json.loads(templates["parent.json"])["Parameters"]
        services = tuple(self.system.services)
        given = {
            "AlarmEmail": ALARM_EMAIL,
            "CertificateArn": self.certificate,
            "DeletionProtection": "false",
            **parameters,
        }
        return Order(
            system=self.system.name,
            services=services,
            templates=templates,
            environment=ENVIRONMENT,
            parameters=overlaid(
                services, images, {name: value for name, value in given.items() if name in declared}
            ),
            file_tags=TAGS,
            given_tags={},
            ci={},
            profile=Profile.DEVELOPMENT,
            role_arn=principals.execution_role(self.session, self.system),
        )

    def deploy(self, images: Mapping[str, str] | None = None, **parameters: str) -> Deployed:
        return deployment.deploy(self.place, self.order(images or {}, **parameters))

    def stack(self) -> stacks.Stack | None:
        return stacks.read(self.place.aws, f"{self.system.name}-{ENVIRONMENT}")

    def destroy(self) -> None:
        stack = self.stack()
        assert stack
        operations.delete_stack(self.place.aws, self.place.console, stack)

    def resources(self, kind: str | None = None) -> dict[str, str]:
        """Return the physical ids of what is deployed, by address; of one type if one is given."""
        found = self._resources(f"{self.system.name}-{ENVIRONMENT}", "")
        return {address: i for address, (t, i) in found if kind in (None, t)}

    def _resources(self, stack: str, prefix: str) -> Iterator[tuple[str, tuple[str, str]]]:
        pages = self.client("cloudformation").get_paginator("list_stack_resources")
        for page in pages.paginate(StackName=stack):
            for one in page["StackResourceSummaries"]:
                address = f"{prefix}{one['LogicalResourceId']}"
                if one["ResourceType"] == "AWS::CloudFormation::Stack":
                    yield from self._resources(one["PhysicalResourceId"], f"{address}/")
                yield address, (one["ResourceType"], one["PhysicalResourceId"])


def digest(text: str) -> str:
    """Return a digest as an image's would be."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def digests(system: System, version: str = "1") -> dict[str, str]:
    """Return a digest for each service."""
    return {name: digest(f"{name} {version}") for name in system.services}
