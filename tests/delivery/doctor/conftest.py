"""The gateway on the local AWS as it would be if its containers ran, and what AWS may say of it."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.validate import ParamValidator
from rich.console import Console

from delivery import stacks
from delivery.aws import Aws
from delivery.doctor.command import examine
from delivery.doctor.deployed import Deployed
from delivery.doctor.findings import Finding, State
from delivery.doctor.scaling import METRICS
from localaws import LocalAws, LocalSession
from localaws.deploy import connect, deploy

CLUSTER = "payment-gateway-dev"
SERVICES = ("api-gateway", "fraud-detector", "payment-processor")

Found = Callable[[], list[Finding]]


@pytest.fixture(scope="session")
def home(local_aws: LocalAws) -> LocalSession:
    """An account in which the gateway runs. Tests put back what they change."""
    session = local_aws.session(account="300000000002")
    deploy("gateway", session, Console(file=io.StringIO()))
    now = datetime.now(UTC)
    discovery, cloudwatch = session.client("servicediscovery"), session.client("cloudwatch")
    for entry in discovery.list_services()["Services"]:
        for number in "12":
            discovery.register_instance(
                ServiceId=entry["Id"],
                InstanceId=number,
                Attributes={"AWS_INSTANCE_IPV4": f"10.0.10.{number}"},
            )
    balancing = session.client("elbv2")
    for group in balancing.describe_target_groups()["TargetGroups"]:
        targets = [{"Id": f"10.0.10.{number}", "Port": 8080} for number in "12"]
        balancing.register_targets(TargetGroupArn=group["TargetGroupArn"], Targets=targets)
    for service in SERVICES:
        group = f"/ecs/payment-{service}-dev"
        logs = session.client("logs")
        logs.create_log_stream(logGroupName=group, logStreamName="a")
        event = {"timestamp": int(now.timestamp() * 1000), "message": "4111 1111 1111 1111"}
        logs.put_log_events(logGroupName=group, logStreamName="a", logEvents=[event])
        dimensions = {"ClusterName": CLUSTER, "ServiceName": f"{service}-dev"}
        for metric in METRICS:
            cloudwatch.put_metric_data(
                Namespace="AWS/ECS",
                MetricData=[
                    {
                        "MetricName": metric,
                        "Value": 12.0,
                        "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions.items()],
                    }
                ],
            )
    return session


@pytest.fixture
def aws(home: LocalSession) -> Aws:
    return connect(home)


@pytest.fixture
def found(aws: Aws) -> Found:
    """Return a function that looks at everything, anew each time."""

    def look() -> list[Finding]:
        stack = stacks.read(aws, "gateway-dev")
        assert stack
        return examine(Deployed(aws, stack, "gateway dev"))

    return look


def wrong(found: list[Finding]) -> list[Finding]:
    return [one for one in found if one.state is State.WRONG]


@contextmanager
def answering(
    client: Any, operation: str, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> Iterator[None]:
    """Let a client get ``change`` of what the local AWS answers to an operation, in AWS's shape."""
    shape = client.meta.service_model.operation_model(operation).output_shape
    event = f"after-call.{client.meta.service_model.service_id.hyphenize()}.{operation}"

    def handler(parsed: dict[str, Any], **_: Any) -> None:
        said = {k: v for k, v in parsed.items() if k != "ResponseMetadata"}
        answer = change(said)
        report = ParamValidator().validate(answer, shape)
        assert not report.has_errors(), report.generate_report()
        parsed.update(answer)

    client.meta.events.register(event, handler)
    try:
        yield
    finally:
        client.meta.events.unregister(event, handler)


@pytest.fixture
def ids(aws: Aws) -> Any:
    """The physical ids of what tests break, by short names."""
    stack = stacks.read(aws, "gateway-dev")
    assert stack
    by_address = {one.address: one.physical_id for one in Deployed(aws, stack, "").members}
    return SimpleNamespace(
        group=by_address["Services/ApiGatewaySecurityGroup"],
        entrance=by_address["LoadBalancerSecurityGroup"],
        way_in=by_address["ApiGatewayService/IngressFromLoadBalancer"],
        entry=by_address["ApiGatewayService/DiscoveryEntry"],
        namespace=by_address["Services/Namespace"],
        vpc=by_address["Vpc"],
        targets=by_address["ApiGatewayService/TargetGroup"],
        definition=by_address["ApiGatewayService/TaskDefinition"],
    )
