"""Service discovery issues: namespace, DNS of the VPC, and registrations."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

from delivery.aws import error_code
from delivery.doctor.deployed import Deployed, Service
from delivery.doctor.findings import Finding, ok, unknown, wrong

_NEW = timedelta(minutes=5)
"""How long tasks may take to be registered."""
_DNS = {"EnableDnsSupport": "enableDnsSupport", "EnableDnsHostnames": "enableDnsHostnames"}


def check(it: Deployed) -> Iterator[Finding]:
    """Look at the namespace and at every service that has an entry in it."""
    namespaces = it.of("AWS::ServiceDiscovery::PrivateDnsNamespace")
    if not namespaces:
        yield ok("namespace", "the system has none")
        return
    for member in namespaces:
        yield _namespace(it, member.physical_id)
    yield from _dns(it)
    for service in it.services:
        for entry in service.of("AWS::ServiceDiscovery::Service"):
            yield from _registered(it, service, entry.physical_id)


def _namespace(it: Deployed, namespace: str) -> Finding:
    checked = f"namespace {namespace}"
    try:
        found = it.aws.client("servicediscovery").get_namespace(Id=namespace)["Namespace"]
    except ClientError as error:
        if error_code(error) != "NamespaceNotFound":
            raise
        return wrong(
            checked,
            "does not exist any more",
            f"See what is left: aws servicediscovery list-namespaces {it.aws.cli_options}. Only a "
            f"new stack makes it again: ./deploy.sh drift {it.words}",
        )
    return ok(checked, f"is {found['Name']}")


def _dns(it: Deployed) -> Iterator[Finding]:
    """Look whether names of private zones are resolved in the VPC.

    Source: Route 53 Developer Guide, "Considerations when working with a private hosted zone".
    """
    for vpc in it.of("AWS::EC2::VPC"):
        for name, attribute in _DNS.items():
            found = it.aws.client("ec2").describe_vpc_attribute(
                VpcId=vpc.physical_id, Attribute=attribute
            )
            option = "".join(f"-{c.lower()}" if c.isupper() else c for c in attribute)
            if found[name]["Value"]:
                yield ok(f"{vpc.physical_id}: {attribute}", "is on")
            else:
                yield wrong(
                    f"{vpc.physical_id}: {attribute}",
                    "is off: no name of the namespace is resolved",
                    f"aws ec2 modify-vpc-attribute --vpc-id {vpc.physical_id} "
                    f"--{option} '{{\"Value\": true}}' {it.aws.cli_options}",
                )


def _registered(it: Deployed, service: Service, entry: str) -> Iterator[Finding]:
    registries = [one["registryArn"] for one in service.described.get("serviceRegistries", ())]
    if entry in {arn.rpartition("/")[2] for arn in registries}:
        yield ok(f"{service.name}: serviceRegistries", f"has {entry}")
    else:
        yield wrong(
            f"{service.name}: serviceRegistries",
            f"has {', '.join(registries) or 'nothing'}, not {entry}",
            "aws ecs update-service "
            f"--cluster {service.cluster} --service {service.name} --service-registries "
            f"registryArn=arn:{it.aws.partition}:servicediscovery:{it.aws.region}:"
            f"{it.aws.account}:service/{entry} {it.aws.cli_options}",
        )
    checked = f"{service.name}: registrations"
    pages = it.aws.client("servicediscovery").get_paginator("list_instances")
    try:
        count = sum(len(page["Instances"]) for page in pages.paginate(ServiceId=entry))
    except ClientError as error:
        if error_code(error) != "ServiceNotFound":
            raise
        yield wrong(
            checked,
            f"{entry} does not exist any more",
            f"See what else differs: ./deploy.sh drift {it.words}",
        )
        return
    found = f"{count} of {service.running} tasks that run"
    if count >= service.running:
        yield ok(checked, found)
    elif datetime.now(UTC) - service.deployment["createdAt"] < _NEW:
        yield unknown(checked, f"{found}; the deployment is not 5 minutes old")
    else:
        yield wrong(
            checked,
            found,
            "Let ECS register them anew: aws ecs update-service --force-new-deployment "
            f"--cluster {service.cluster} --service {service.name} {it.aws.cli_options}",
        )
