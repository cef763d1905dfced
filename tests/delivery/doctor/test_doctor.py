"""Each fault of a deployed system, planted and found; and a sound system, with nothing wrong."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from delivery.aws import Aws
from delivery.cli import main
from delivery.doctor.command import HEADINGS, lines
from delivery.doctor.findings import State
from delivery.doctor.health import CODES
from localaws import LocalSession
from tests.delivery.doctor.conftest import CLUSTER, Found, answering, wrong

SERVICE = {"cluster": CLUSTER, "service": "api-gateway-dev"}
SCALED = {
    "ServiceNamespace": "ecs",
    "ResourceId": f"service/{CLUSTER}/api-gateway-dev",
    "ScalableDimension": "ecs:service:DesiredCount",
}


def test_nothing_is_wrong_with_what_runs_and_no_log_line_or_secret_is_shown(
    found: Found, home: LocalSession
) -> None:
    seen = found()
    text = "\n".join(lines(seen))
    value = home.client("secretsmanager").get_secret_value(SecretId="payment-api-keys-dev")

    assert [one for one in seen if one.state is not State.OK] == []
    assert list(dict.fromkeys(one.heading for one in seen)) == list(HEADINGS)
    assert "4111" not in text
    assert not [v for v in json.loads(value["SecretString"]).values() if v in text]


def test_the_command_ends_with_1_where_something_is_wrong(
    home: LocalSession,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in home.environment.items():
        monkeypatch.setenv(name, value)
    assert main(["doctor", "gateway", "dev"]) == 0
    assert "nothing wrong" in capsys.readouterr().err

    home.client("logs").delete_log_group(logGroupName="/ecs/payment-api-gateway-dev")
    try:
        assert main(["doctor", "gateway", "dev", "--json"]) == 1
        (one,) = [o for o in json.loads(capsys.readouterr().out) if o["state"] == "wrong"]
    finally:
        _log_line(home)
    assert one["heading"] == "Services not starting"
    assert "logs create-log-group --log-group-name /ecs/payment-api-gateway-dev" in one["advice"]
    assert main(["doctor", "gateway", "prod"]) == 1


def _log_line(home: LocalSession) -> None:
    logs, group = home.client("logs"), "/ecs/payment-api-gateway-dev"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="a")
    event = {"timestamp": int(datetime.now(UTC).timestamp() * 1000), "message": "up"}
    logs.put_log_events(logGroupName=group, logStreamName="a", logEvents=[event])


def test_missing_keys_of_a_secret_are_named(found: Found, home: LocalSession) -> None:
    manager, name = home.client("secretsmanager"), "payment-api-keys-dev"
    before = manager.get_secret_value(SecretId=name)["SecretString"]
    manager.put_secret_value(SecretId=name, SecretString='{"stripe_api_key": "x"}')
    (one,) = wrong(found())
    manager.put_secret_value(SecretId=name, SecretString=before)

    assert one.found == "lacks fraud_detection_key: tasks of fraud-detector-dev cannot start"
    assert one.advice == f"Set it: ./deploy.sh secrets gateway dev --set {name}"


def test_an_image_that_is_gone_is_named(found: Found, home: LocalSession) -> None:
    ecr, name = home.client("ecr"), "payment-fraud-detector-dev"
    image = ecr.batch_get_image(repositoryName=name, imageIds=[{"imageTag": "local"}])["images"][0]
    ecr.batch_delete_image(repositoryName=name, imageIds=[image["imageId"]])
    (one,) = wrong(found())
    ecr.put_image(
        repositoryName=name,
        imageManifest=image["imageManifest"],
        imageManifestMediaType=image["imageManifestMediaType"],
        imageTag="local",
    )

    assert one.checked == "fraud-detector-dev: image"
    assert "--image fraud-detector=sha256:" in one.advice


def test_a_rule_that_is_gone_is_named_with_the_command_that_brings_it_back(
    found: Found, home: LocalSession, ids: Any
) -> None:
    ec2 = home.client("ec2")
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 8080,
        "ToPort": 8080,
        "UserIdGroupPairs": [{"GroupId": ids.entrance, "Description": "Requests"}],
    }
    ec2.revoke_security_group_ingress(GroupId=ids.group, SecurityGroupRuleIds=[ids.way_in])
    gone, way = wrong(found())
    ec2.authorize_security_group_ingress(GroupId=ids.group, IpPermissions=[permission])
    back = wrong(found())

    assert gone.checked == "rule ApiGatewayService/IngressFromLoadBalancer"
    assert way.heading == "ALB health check failures"
    assert f"authorize-security-group-ingress --group-id {ids.group} --ip-permissions" in way.advice
    assert back == []


def test_a_group_that_lets_nothing_out_is_found(found: Found, aws: Aws, ids: Any) -> None:
    def without(said: dict[str, Any]) -> dict[str, Any]:
        rules = [r for r in said["SecurityGroupRules"] if r.get("FromPort") != 443]
        return {"SecurityGroupRules": rules}

    with answering(aws.client("ec2"), "DescribeSecurityGroupRules", without):
        seen = [one for one in wrong(found()) if "way to ECR" in one.checked]

    assert len(seen) == 3
    assert any(f"egress --group-id {ids.group} --protocol tcp --port 443" in o.advice for o in seen)


def test_a_task_that_stopped_is_told_with_its_reason_and_what_helps(
    found: Found, aws: Aws, ids: Any
) -> None:
    arn = f"arn:aws:ecs:us-east-1:300000000002:task/{CLUSTER}/1"
    base = {"taskArn": arn, "group": "service:api-gateway-dev", "lastStatus": "STOPPED"}
    pull = "CannotPullContainerError: image manifest does not exist"
    newer = ids.definition.rpartition(":")[0] + ":99"
    older = ids.definition.rpartition(":")[0] + ":0"
    tasks = [
        {**base, "taskDefinitionArn": ids.definition, "stoppedReason": pull},
        {**base, "taskDefinitionArn": ids.definition, "stoppedReason": pull},
        {
            **base,
            "taskDefinitionArn": newer,
            "stoppedReason": "Essential container in task exited",
            "stopCode": "EssentialContainerExited",
            "containers": [{"name": "api-gateway", "exitCode": 137, "reason": "OutOfMemoryError"}],
        },
        {**base, "taskDefinitionArn": older, "stoppedReason": pull},
        {
            **base,
            "taskDefinitionArn": ids.definition,
            "stoppedReason": "Scaling activity initiated by (deployment ecs-svc/1)",
            "stopCode": "ServiceSchedulerInitiated",
        },
    ]
    ecs = aws.client("ecs")
    with (
        answering(ecs, "ListTasks", lambda _: {"taskArns": [arn]}),
        answering(ecs, "DescribeTasks", lambda _: {"tasks": tasks}),
    ):
        pulled, killed = wrong(found())

    assert pulled.found == f"2 in the last hour: {pull}"
    assert "./deploy.sh check gateway dev" in pulled.advice
    assert killed.found.startswith("1 of a deployment that ECS gave up in the last hour: Essential")
    assert "OutOfMemoryError" in killed.found
    assert "raise memory" in killed.advice


def test_too_few_tasks_and_a_failed_deployment_come_with_the_event_that_says_why(
    found: Found, aws: Aws
) -> None:
    event = "(service api-gateway-dev) was unable to place a task."

    def few(said: dict[str, Any]) -> dict[str, Any]:
        one = next(s for s in said["services"] if s["serviceName"] == "api-gateway-dev")
        one["runningCount"] = 1
        one["events"] = [{"id": "1", "createdAt": datetime.now(UTC), "message": event}]
        other = next(s for s in said["services"] if s["serviceName"] == "fraud-detector-dev")
        other["deployments"][0] |= {"rolloutState": "FAILED", "rolloutStateReason": "circuit"}
        gone = next(s for s in said["services"] if s["serviceName"] == "payment-processor-dev")
        gone["status"] = "INACTIVE"
        return said

    with answering(aws.client("ecs"), "DescribeServices", few):
        seen = {one.checked: one for one in wrong(found())}

    assert seen["api-gateway-dev: tasks"].found == f"1 of 2 run. {event[:-1]}"
    assert seen["fraud-detector-dev: tasks"].found == "2 of 2 run, the deployment failed: circuit"
    assert "./deploy.sh drift gateway dev" in seen["payment-processor-dev: service"].advice


def test_suspended_scaling_is_found_with_the_command_that_resumes_it(
    found: Found, home: LocalSession
) -> None:
    scaling = home.client("application-autoscaling")
    off = {"DynamicScalingOutSuspended": True}
    scaling.register_scalable_target(**SCALED, SuspendedState=off)
    (one,) = wrong(found())
    on = {"DynamicScalingOutSuspended": False}
    scaling.register_scalable_target(**SCALED, SuspendedState=on)

    assert one.found == "is suspended: DynamicScalingOutSuspended"
    assert "--suspended-state DynamicScalingOutSuspended=false" in one.advice


@pytest.mark.parametrize(
    ("operation", "key", "told"),
    [
        ("DescribeScalableTargets", "ScalableTargets", "is not registered"),
        ("DescribeScalingPolicies", "ScalingPolicies", "is not attached any more"),
    ],
)
def test_targets_and_policies_that_are_gone_are_found(
    found: Found, aws: Aws, operation: str, key: str, told: str
) -> None:
    with answering(aws.client("application-autoscaling"), operation, lambda _: {key: []}):
        seen = wrong(found())

    assert {one.found for one in seen} == {told}
    assert all("aws application-autoscaling " in one.advice for one in seen)


def test_a_service_at_its_maximum_cannot_scale_out(found: Found, aws: Aws) -> None:
    def low(said: dict[str, Any]) -> dict[str, Any]:
        return {"ScalableTargets": [{**t, "MaxCapacity": 2} for t in said["ScalableTargets"]]}

    with answering(aws.client("application-autoscaling"), "DescribeScalableTargets", low):
        seen = wrong(found())

    assert {one.found for one in seen} == {"is at its maximum: 2 of 2 to 2 tasks"}


@pytest.mark.parametrize(
    ("newest", "state", "told"),
    [
        ("Failed", State.WRONG, "failed at 20.* UTC: You've reached the limit on vCPUs"),
        ("Unfulfilled", State.WRONG, "failed at 20.* UTC: You've reached the limit on vCPUs"),
        ("Successful", State.OK, "ended at 20.* UTC: Setting desired count to 4"),
        ("InProgress", State.WRONG, "failed at 20"),
    ],
)
def test_why_the_last_attempt_to_scale_failed_is_told(
    found: Found, aws: Aws, newest: str, state: State, told: str
) -> None:
    def activity(minutes: int, status: str) -> dict[str, Any]:
        return {
            "ActivityId": "1",
            "ServiceNamespace": "ecs",
            "ResourceId": SCALED["ResourceId"],
            "ScalableDimension": SCALED["ScalableDimension"],
            "Description": "Setting desired count to 4.",
            "Cause": "monitor alarm",
            "StartTime": datetime.now(UTC) - timedelta(minutes=minutes),
            "StatusCode": status,
            "StatusMessage": "You've reached the limit on vCPUs.",
        }

    old = activity(60, "Failed")
    answer = {"ScalingActivities": [activity(5, newest), old]}
    with answering(
        aws.client("application-autoscaling"), "DescribeScalingActivities", lambda _: answer
    ):
        (one,) = [one for one in found() if one.checked == "api-gateway-dev: last scaling"]
    assert one.state is state
    assert re.match(told, one.found)
    command = "describe-scaling-activities --service-namespace ecs --resource-id service/payment-"
    assert (command in one.advice) == (state is State.WRONG)


def test_attempts_to_scale_of_days_ago_are_no_news(found: Found, aws: Aws) -> None:
    one = {
        "ActivityId": "1",
        "ServiceNamespace": "ecs",
        "ResourceId": SCALED["ResourceId"],
        "ScalableDimension": SCALED["ScalableDimension"],
        "Description": "Setting desired count to 4.",
        "Cause": "monitor alarm",
        "StartTime": datetime.now(UTC) - timedelta(days=2),
        "StatusCode": "Failed",
    }
    with answering(
        aws.client("application-autoscaling"),
        "DescribeScalingActivities",
        lambda _: {"ScalingActivities": [one]},
    ):
        assert wrong(found()) == []


def test_alarms_of_scaling_have_to_be_there_and_to_act(found: Found, aws: Aws) -> None:
    arn = "arn:aws:cloudwatch:us-east-1:300000000002:alarm:"

    def with_alarms(said: dict[str, Any]) -> dict[str, Any]:
        first = said["ScalingPolicies"][0]
        first["Alarms"] = [{"AlarmName": n, "AlarmARN": f"{arn}{n}"} for n in ("gone", "still")]
        return said

    disabled = {"AlarmName": "still", "ActionsEnabled": False}
    with (
        answering(aws.client("application-autoscaling"), "DescribeScalingPolicies", with_alarms),
        answering(
            aws.client("cloudwatch"), "DescribeAlarms", lambda _: {"MetricAlarms": [disabled]}
        ),
    ):
        gone, still = wrong(found())

    assert (gone.checked, still.checked) == ("alarm gone", "alarm still")
    assert "aws cloudwatch enable-alarm-actions --alarm-names still" in still.advice


@pytest.mark.parametrize(("age", "state"), [(1, State.UNKNOWN), (60, State.WRONG)])
def test_metrics_have_to_be_published_once_a_deployment_is_old_enough(
    found: Found, aws: Aws, age: int, state: State
) -> None:
    def aged(said: dict[str, Any]) -> dict[str, Any]:
        for service in said["services"]:
            service["deployments"][0]["createdAt"] = datetime.now(UTC) - timedelta(minutes=age)
        return said

    def none(said: dict[str, Any]) -> dict[str, Any]:
        results = [{"Id": one["Id"], "Values": []} for one in said["MetricDataResults"]]
        return {"MetricDataResults": results}

    with (
        answering(aws.client("cloudwatch"), "GetMetricData", none),
        answering(aws.client("ecs"), "DescribeServices", aged),
    ):
        seen = [one for one in found() if one.state is not State.OK]

    assert len(seen) == 6
    assert {one.state for one in seen} == {state}


def test_names_that_the_vpc_does_not_resolve_are_found(
    found: Found, home: LocalSession, ids: Any
) -> None:
    ec2 = home.client("ec2")
    ec2.modify_vpc_attribute(VpcId=ids.vpc, EnableDnsHostnames={"Value": False})
    (one,) = wrong(found())
    ec2.modify_vpc_attribute(VpcId=ids.vpc, EnableDnsHostnames={"Value": True})

    assert f"modify-vpc-attribute --vpc-id {ids.vpc} --enable-dns-hostnames" in one.advice


@pytest.mark.parametrize(("age", "state"), [(1, State.UNKNOWN), (60, State.WRONG)])
def test_tasks_that_are_not_registered_are_found(
    found: Found, aws: Aws, age: int, state: State
) -> None:
    def aged(said: dict[str, Any]) -> dict[str, Any]:
        for service in said["services"]:
            service["deployments"][0]["createdAt"] = datetime.now(UTC) - timedelta(minutes=age)
        return said

    with (
        answering(aws.client("servicediscovery"), "ListInstances", lambda _: {"Instances": []}),
        answering(aws.client("ecs"), "DescribeServices", aged),
    ):
        seen = [one for one in found() if one.state is not State.OK]

    assert [one.state for one in seen] == [state] * 3
    assert all(one.found.startswith("0 of 2 tasks that run") for one in seen)


def test_a_service_without_its_registry_is_found(found: Found, aws: Aws, ids: Any) -> None:
    def without(said: dict[str, Any]) -> dict[str, Any]:
        return {"services": [{**one, "serviceRegistries": []} for one in said["services"]]}

    with answering(aws.client("ecs"), "DescribeServices", without):
        seen = wrong(found())

    assert {one.checked.partition(": ")[2] for one in seen} == {"serviceRegistries"}
    assert any(f":service/{ids.entry} " in one.advice for one in seen)


def test_a_namespace_that_is_gone_is_found(found: Found, aws: Aws, ids: Any) -> None:
    client = aws.client("servicediscovery")

    def another(params: dict[str, Any], **_: Any) -> None:
        params["Id"] = "ns-nobody"

    event = "provide-client-params.servicediscovery.GetNamespace"
    client.meta.events.register(event, another)
    (one,) = wrong(found())

    assert (one.checked, one.found) == (f"namespace {ids.namespace}", "does not exist any more")


@pytest.mark.parametrize("code", sorted(CODES))
def test_each_reason_of_an_unhealthy_target_comes_with_what_it_means(
    found: Found, aws: Aws, ids: Any, code: str
) -> None:
    bad = {"State": "unhealthy", "Reason": code, "Description": "As AWS says."}
    targets = [
        {"Target": {"Id": "10.0.10.1", "Port": 8080}, "TargetHealth": {"State": "healthy"}},
        {"Target": {"Id": "10.0.10.2", "Port": 8080}, "TargetHealth": bad},
    ]
    answer = {"TargetHealthDescriptions": targets}
    with answering(aws.client("elbv2"), "DescribeTargetHealth", lambda _: answer):
        (one,) = wrong(found())

    assert one.found == f"1 of 2 are healthy: 1 {code}: As AWS says."
    assert one.advice.startswith(CODES[code].partition("{")[0])
    assert f"aws elbv2 describe-target-health --target-group-arn {ids.targets}" in one.advice


def test_health_that_is_asked_elsewhere_than_on_the_container_s_port_is_found(
    found: Found, home: LocalSession, ids: Any
) -> None:
    balancing = home.client("elbv2")
    balancing.modify_target_group(TargetGroupArn=ids.targets, HealthCheckPort="9090")
    (one,) = wrong(found())
    balancing.modify_target_group(TargetGroupArn=ids.targets, HealthCheckPort="traffic-port")

    assert one.found == "health is asked on port 9090, the container opens 8080"
    assert "--health-check-port traffic-port" in one.advice


def test_what_may_not_be_looked_at_is_unknown_and_the_rest_is_looked_at(
    found: Found, aws: Aws
) -> None:
    client = aws.client("application-autoscaling")

    def denied(**_: Any) -> tuple[Any, dict[str, Any]]:
        error = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
        return type("Answer", (), {"status_code": 403})(), error

    client.meta.events.register("before-call.application-auto-scaling.*", denied)
    seen = [one for one in found() if one.state is not State.OK]

    assert [(one.heading, one.state) for one in seen] == [
        ("Auto-scaling not working", State.UNKNOWN)
    ]
    assert "Access denied: DescribeScalableTargets" in seen[0].found
