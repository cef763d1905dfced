from typing import Any

import pytest

from localaws import LocalSession
from tests.localaws.readback import Case, Properties, check, get_att, only, pascal, ref
from tests.localaws.stacks import Stacks, Template, template

IMAGE = "1.dkr.ecr.us-east-1.amazonaws.com/api@sha256:" + "a" * 64
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ecs-tasks.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}
ROLES = {"TaskRole": ROLE, "ExecutionRole": ROLE}
CLUSTER = {"Cluster": {"Type": "AWS::ECS::Cluster"}}
SPOT = {"CapacityProvider": "FARGATE_SPOT", "Base": 0, "Weight": 3}
FARGATE = {"CapacityProvider": "FARGATE", "Base": 2, "Weight": 1}
SMALL_TASK = {
    "Type": "AWS::ECS::TaskDefinition",
    "Properties": {
        "Cpu": "256",
        "Memory": "512",
        "NetworkMode": "awsvpc",
        "RequiresCompatibilities": ["FARGATE"],
        "ContainerDefinitions": [{"Name": "app", "Image": IMAGE}],
    },
}
VPC = {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
    "Subnet": {
        "Type": "AWS::EC2::Subnet",
        "Properties": {"VpcId": ref("Vpc"), "CidrBlock": "10.0.0.0/24"},
    },
    "Group": {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {"VpcId": ref("Vpc"), "GroupDescription": "tasks"},
    },
}
TARGET_GROUP = {
    "TargetGroup": {
        "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
        "Properties": {
            "VpcId": ref("Vpc"),
            "Port": 8080,
            "Protocol": "HTTP",
            "TargetType": "ip",
        },
    }
}
ZONES = {
    f"Subnet{zone.upper()}": {
        "Type": "AWS::EC2::Subnet",
        "Properties": {
            "VpcId": ref("Vpc"),
            "CidrBlock": f"10.0.{number}.0/24",
            "AvailabilityZone": f"us-east-1{zone}",
        },
    }
    for number, zone in enumerate("ab", 1)
}
BALANCED: dict[str, Any] = {
    **TARGET_GROUP,
    **ZONES,
    "Balancer": {
        "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Properties": {"Scheme": "internal", "Subnets": [ref(name) for name in ZONES]},
    },
    "Listener": {
        "Type": "AWS::ElasticLoadBalancingV2::Listener",
        "Properties": {
            "LoadBalancerArn": ref("Balancer"),
            "Port": 80,
            "Protocol": "HTTP",
            "DefaultActions": [{"Type": "forward", "TargetGroupArn": ref("TargetGroup")}],
        },
    },
}
DISCOVERY = {
    "Namespace": {
        "Type": "AWS::ServiceDiscovery::PrivateDnsNamespace",
        "Properties": {"Name": "internal", "Vpc": ref("Vpc")},
    },
    "Discovery": {
        "Type": "AWS::ServiceDiscovery::Service",
        "Properties": {"Name": "api", "NamespaceId": ref("Namespace")},
    },
}
SERVICE = {
    "Service": {
        "Type": "AWS::ECS::Service",
        "Properties": {"Cluster": ref("Cluster"), "TaskDefinition": ref("Task")},
    }
}
SCALABLE = {
    "ResourceId": {"Fn::Sub": "service/${Cluster}/${Service.Name}"},
    "ScalableDimension": "ecs:service:DesiredCount",
    "ServiceNamespace": "ecs",
    "MinCapacity": 2,
    "MaxCapacity": 6,
}
TARGET = {"Target": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": SCALABLE}}


def ecs(session: LocalSession) -> Any:
    return session.client("ecs")


def tags_of(session: LocalSession, arn: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = ecs(session).list_tags_for_resource(resourceArn=arn)["tags"]
    return list(pascal(found))


def tags_of_cluster(session: LocalSession, name: str) -> list[dict[str, str]]:
    return tags_of(session, _cluster(session, name)["ClusterArn"])


def _cluster(session: LocalSession, name: str) -> Properties:
    include = ["SETTINGS", "CONFIGURATIONS"]
    found = ecs(session).describe_clusters(clusters=[name], include=include)["clusters"][0]
    return dict(pascal(found))


def read_cluster(session: LocalSession, name: str) -> Properties:
    found = _cluster(session, name)
    return {
        **only(found, "CapacityProviders", "ClusterName", "Configuration"),
        **only(found, "DefaultCapacityProviderStrategy"),
        "ClusterSettings": found["Settings"],
    }


def read_associations(session: LocalSession, name: str) -> Properties:
    found = only(_cluster(session, name), "CapacityProviders", "DefaultCapacityProviderStrategy")
    return {**found, "Cluster": name}


def read_task_definition(session: LocalSession, arn: str) -> Properties:
    found = ecs(session).describe_task_definition(taskDefinition=arn)["taskDefinition"]
    assert found["status"] == "ACTIVE"
    containers = []
    for container in found["containerDefinitions"]:
        in_capitals = pascal(container)
        for name in ("DockerLabels",):
            if name in in_capitals:
                in_capitals[name] = container["dockerLabels"]
        if "LogConfiguration" in in_capitals:
            in_capitals["LogConfiguration"]["Options"] = container["logConfiguration"]["options"]
        containers.append(in_capitals)
    properties = only(
        pascal(found),
        "Cpu",
        "EphemeralStorage",
        "ExecutionRoleArn",
        "Family",
        "Memory",
        "NetworkMode",
        "RequiresCompatibilities",
        "RuntimePlatform",
        "TaskRoleArn",
        "Volumes",
    )
    return {**properties, "ContainerDefinitions": containers}


def _service(session: LocalSession, arn: str) -> Properties:
    _, cluster, name = arn.split("/")
    found = ecs(session).describe_services(cluster=cluster, services=[name])["services"][0]
    assert found["status"] == "ACTIVE"
    return dict(pascal(found))


def read_service(session: LocalSession, arn: str) -> Properties:
    found = _service(session, arn)
    return {
        "Cluster": found["ClusterArn"].rsplit("/", 1)[-1],
        **only(
            found,
            "AvailabilityZoneRebalancing",
            "CapacityProviderStrategy",
            "DeploymentConfiguration",
            "DesiredCount",
            "EnableECSManagedTags",
            "EnableExecuteCommand",
            "HealthCheckGracePeriodSeconds",
            "LaunchType",
            "LoadBalancers",
            "NetworkConfiguration",
            "PlatformVersion",
            "PropagateTags",
            "ServiceName",
            "ServiceRegistries",
            "TaskDefinition",
        ),
    }


def _scaling(session: LocalSession) -> Any:
    return session.client("application-autoscaling")


def read_target(session: LocalSession, physical_id: str) -> Properties:
    resource_id, dimension, namespace = physical_id.split("|")
    found = _scaling(session).describe_scalable_targets(
        ServiceNamespace=namespace, ResourceIds=[resource_id], ScalableDimension=dimension
    )["ScalableTargets"][0]
    return only(found, *SCALABLE, "RoleARN", "SuspendedState")


def tags_of_target(session: LocalSession, physical_id: str) -> list[dict[str, str]]:
    resource_id, _, namespace = physical_id.split("|")
    arn = _scaling(session).describe_scalable_targets(
        ServiceNamespace=namespace, ResourceIds=[resource_id]
    )["ScalableTargets"][0]["ScalableTargetARN"]
    tags = _scaling(session).list_tags_for_resource(ResourceARN=arn)["Tags"]
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def read_policy(session: LocalSession, arn: str) -> Properties:
    found = _scaling(session).describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    policy = next(policy for policy in found if policy["PolicyARN"] == arn)
    names = ["PolicyName", "PolicyType", "ResourceId", "ScalableDimension", "ServiceNamespace"]
    return only(
        policy,
        *names,
        "StepScalingPolicyConfiguration",
        "TargetTrackingScalingPolicyConfiguration",
    )


def read_policy_by_target_id(session: LocalSession, arn: str) -> Properties:
    found = read_policy(session, arn)
    parts = [found.pop(name) for name in ("ResourceId", "ScalableDimension", "ServiceNamespace")]
    return {**found, "ScalingTargetId": "|".join(parts)}


CONTAINER: Properties = {
    "Name": "app",
    "Image": IMAGE,
    "Command": ["serve"],
    "Cpu": 128,
    "DependsOn": [{"Condition": "SUCCESS", "ContainerName": "init"}],
    "DockerLabels": {"team": "payments"},
    "EntryPoint": ["/app"],
    "Environment": [{"Name": "LEVEL", "Value": "info"}],
    "Essential": True,
    "HealthCheck": {
        "Command": ["CMD", "/app", "check"],
        "Interval": 10,
        "Retries": 3,
        "StartPeriod": 30,
        "Timeout": 5,
    },
    "LinuxParameters": {
        "Capabilities": {"Drop": ["ALL"]},
        "InitProcessEnabled": True,
    },
    "LogConfiguration": {
        "LogDriver": "awslogs",
        "Options": {"awslogs-group": "api", "mode": "non-blocking"},
    },
    "Memory": 256,
    "MemoryReservation": 128,
    "MountPoints": [{"ContainerPath": "/tmp", "ReadOnly": False, "SourceVolume": "tmp"}],  # noqa: S108
    "PortMappings": [
        {"AppProtocol": "http", "ContainerPort": 8080, "Name": "http", "Protocol": "tcp"}
    ],
    "Privileged": False,
    "ReadonlyRootFilesystem": True,
    "Secrets": [{"Name": "PASSWORD", "ValueFrom": "arn:aws:secretsmanager:x:1:secret:a:key::"}],
    "StartTimeout": 60,
    "StopTimeout": 120,
    "Ulimits": [{"Name": "nofile", "HardLimit": 65536, "SoftLimit": 65536}],
    "User": "10001:10001",
    "WorkingDirectory": "/app",
}
INIT: Properties = {"Name": "init", "Image": IMAGE, "Cpu": 0, "Essential": False}
DEPLOYMENT = {
    "Alarms": {"AlarmNames": ["api-errors"], "Enable": True, "Rollback": True},
    "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
    "MaximumPercent": 200,
    "MinimumHealthyPercent": 100,
}
NETWORK = {
    "AwsvpcConfiguration": {
        "AssignPublicIp": "DISABLED",
        "SecurityGroups": [ref("Group")],
        "Subnets": [ref("Subnet")],
    }
}
TRACKING = {
    "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    "DisableScaleIn": False,
    "ScaleInCooldown": 300,
    "ScaleOutCooldown": 30,
    "TargetValue": 60.5,
}
STEPS = {
    "AdjustmentType": "ChangeInCapacity",
    "Cooldown": 60,
    "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 2}],
}
SCALED = {**CLUSTER, "Task": SMALL_TASK, **SERVICE, **TARGET}
TARGET_PARTS = {
    "ResourceId": {"Fn::Sub": "service/${Cluster}/${Service.Name}"},
    "ScalableDimension": "ecs:service:DesiredCount",
    "ServiceNamespace": "ecs",
}

CASES = [
    Case(
        "AWS::ECS::Cluster",
        {
            "CapacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "ClusterName": "payments",
            "ClusterSettings": [{"Name": "containerInsights", "Value": "enhanced"}],
            "Configuration": {"ExecuteCommandConfiguration": {"Logging": "NONE"}},
            "DefaultCapacityProviderStrategy": [FARGATE, SPOT],
        },
        read_cluster,
        tags_of_cluster,
        changed={"ClusterSettings": [{"Name": "containerInsights", "Value": "disabled"}]},
    ),
    Case(
        "AWS::ECS::ClusterCapacityProviderAssociations",
        {
            "CapacityProviders": ["FARGATE", "FARGATE_SPOT"],
            "Cluster": ref("Cluster"),
            "DefaultCapacityProviderStrategy": [FARGATE, SPOT],
        },
        read_associations,
        around=CLUSTER,
        changed={"DefaultCapacityProviderStrategy": [FARGATE]},
    ),
    Case(
        "AWS::ECS::TaskDefinition",
        {
            "ContainerDefinitions": [CONTAINER, INIT],
            "Cpu": "1024",
            "EphemeralStorage": {"SizeInGiB": 40},
            "ExecutionRoleArn": get_att("ExecutionRole", "Arn"),
            "Family": "api",
            "Memory": "2048",
            "NetworkMode": "awsvpc",
            "RequiresCompatibilities": ["FARGATE"],
            "RuntimePlatform": {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"},
            "TaskRoleArn": get_att("TaskRole", "Arn"),
            "Volumes": [{"Name": "tmp"}],
        },
        read_task_definition,
        tags_of,
        ROLES,
    ),
    Case(
        "AWS::ECS::Service",
        {
            "AvailabilityZoneRebalancing": "ENABLED",
            "CapacityProviderStrategy": [FARGATE, SPOT],
            "Cluster": ref("Cluster"),
            "DeploymentConfiguration": DEPLOYMENT,
            "DesiredCount": 3,
            "EnableECSManagedTags": True,
            "EnableExecuteCommand": True,
            "HealthCheckGracePeriodSeconds": 90,
            "LoadBalancers": [
                {
                    "ContainerName": "app",
                    "ContainerPort": 8080,
                    "TargetGroupArn": ref("TargetGroup"),
                }
            ],
            "NetworkConfiguration": NETWORK,
            "PlatformVersion": "LATEST",
            "PropagateTags": "SERVICE",
            "ServiceName": "api",
            "ServiceRegistries": [{"RegistryArn": get_att("Discovery", "Arn")}],
            "TaskDefinition": ref("Task"),
        },
        read_service,
        tags_of,
        {**CLUSTER, "Task": SMALL_TASK, **VPC, **BALANCED, **DISCOVERY},
        changed={
            "AvailabilityZoneRebalancing": "DISABLED",
            "CapacityProviderStrategy": [FARGATE],
            "DeploymentConfiguration": {**DEPLOYMENT, "MaximumPercent": 150},
            "EnableExecuteCommand": False,
            "HealthCheckGracePeriodSeconds": 30,
            "PropagateTags": "TASK_DEFINITION",
        },
        depends_on=["Listener"],
    ),
    Case(
        "AWS::ECS::Service",
        {
            "AvailabilityZoneRebalancing": "DISABLED",
            "Cluster": ref("Cluster"),
            "DeploymentConfiguration": DEPLOYMENT,
            "DesiredCount": 1,
            "EnableECSManagedTags": False,
            "EnableExecuteCommand": False,
            "HealthCheckGracePeriodSeconds": 0,
            "LaunchType": "FARGATE",
            "PropagateTags": "NONE",
            "ServiceName": "api",
            "TaskDefinition": ref("Task"),
        },
        read_service,
        tags_of,
        {**CLUSTER, "Task": SMALL_TASK},
    ),
    Case(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        {
            **SCALABLE,
            "ResourceId": {"Fn::Sub": "service/${Cluster}/${Service.Name}"},
            "RoleARN": "arn:aws:iam::1:role/scaling",
            "SuspendedState": {
                "DynamicScalingInSuspended": True,
                "DynamicScalingOutSuspended": False,
                "ScheduledScalingSuspended": False,
            },
        },
        read_target,
        tags_of_target,
        {**CLUSTER, "Task": SMALL_TASK, **SERVICE},
        changed={"MaxCapacity": 9},
    ),
    Case(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        {
            "PolicyName": "cpu",
            "PolicyType": "TargetTrackingScaling",
            "ScalingTargetId": ref("Target"),
            "TargetTrackingScalingPolicyConfiguration": TRACKING,
        },
        read_policy_by_target_id,
        around=SCALED,
        changed={"TargetTrackingScalingPolicyConfiguration": {**TRACKING, "TargetValue": 70.0}},
    ),
    Case(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        {
            **TARGET_PARTS,
            "PolicyName": "steps",
            "PolicyType": "StepScaling",
            "StepScalingPolicyConfiguration": STEPS,
        },
        read_policy,
        around=SCALED,
        depends_on=["Target"],
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_keeps_every_property(stacks: Stacks, case: Case) -> None:
    check(stacks, case)


def test_a_service_without_a_count_starts_one_task_and_its_target_raises_it(
    stacks: Stacks,
) -> None:
    without_target = {**SCALED}
    del without_target["Target"]
    stacks.create(template(without_target))
    arn = stacks.physical_id("Service")
    assert _service(stacks.session, arn)["DesiredCount"] == 1
    stacks.update(template(SCALED))
    assert _service(stacks.session, arn)["DesiredCount"] == 2


def test_an_update_leaves_the_count_that_scaling_chose(stacks: Stacks) -> None:
    stacks.create(template(SCALED))
    arn = stacks.physical_id("Service")
    ecs(stacks.session).update_service(
        cluster=stacks.physical_id("Cluster"), service=arn, desiredCount=5
    )
    other_image = {**SMALL_TASK["Properties"], "Cpu": "512"}  # type: ignore[dict-item]
    task = {**SMALL_TASK, "Properties": other_image}
    assert stacks.update(template({**SCALED, "Task": task}))["StackStatus"] == "UPDATE_COMPLETE"
    service = _service(stacks.session, arn)
    assert service["DesiredCount"] == 5
    assert service["TaskDefinition"] == stacks.physical_id("Task")


ATTACHED: Properties = {
    "CapacityProviderStrategy": [FARGATE],
    "LoadBalancers": [
        {"ContainerName": "app", "ContainerPort": 8080, "TargetGroupArn": ref("TargetGroup")}
    ],
    "ServiceRegistries": [{"RegistryArn": get_att("Discovery", "Arn")}],
}


@pytest.mark.parametrize("name", ATTACHED)
def test_a_service_keeps_a_list_until_its_template_has_an_empty_one(
    stacks: Stacks, name: str
) -> None:
    around = {**CLUSTER, "Task": SMALL_TASK, **VPC, **BALANCED, **DISCOVERY}

    def service(**changed: Any) -> Template:
        properties = {**SERVICE["Service"]["Properties"], **changed}  # type: ignore[dict-item]
        about = {**SERVICE["Service"], "Properties": properties, "DependsOn": "Listener"}
        return template({**around, "Service": about})

    stacks.create(service(**{name: ATTACHED[name]}))
    arn = stacks.physical_id("Service")
    before = _service(stacks.session, arn)[name]
    assert before
    stacks.update(service(DesiredCount=2))
    assert _service(stacks.session, arn)["DesiredCount"] == 2
    assert _service(stacks.session, arn)[name] == before
    stacks.update(service(DesiredCount=2, **{name: []}))
    assert not _service(stacks.session, arn).get(name)


def test_a_service_without_a_load_balancer_for_its_target_group_is_refused(stacks: Stacks) -> None:
    balanced = {**SERVICE["Service"]["Properties"], "LoadBalancers": ATTACHED["LoadBalancers"]}  # type: ignore[dict-item]
    service = {**SERVICE["Service"], "Properties": balanced}
    around = {**CLUSTER, "Task": SMALL_TASK, **VPC, **TARGET_GROUP}
    stacks.create(template({**around, "Service": service}))
    assert "does not have an associated load balancer" in stacks.failures()["Service"]


def test_a_target_of_a_service_that_does_not_exist_is_refused(stacks: Stacks) -> None:
    target = {**SCALABLE, "ResourceId": "service/nowhere/nothing"}
    kind = TARGET["Target"]["Type"]
    stacks.create(template({"Target": {"Type": kind, "Properties": target}}))
    assert "ECS service doesn't exist" in stacks.failures()["Target"]


def test_a_maximum_below_the_minimum_is_refused(stacks: Stacks) -> None:
    target = {"Type": TARGET["Target"]["Type"], "Properties": {**SCALABLE, "MaxCapacity": 1}}
    stacks.create(template({**SCALED, "Target": target}))
    assert "Maximum capacity cannot be less" in stacks.failures()["Target"]


def test_a_new_revision_replaces_the_task_definition(stacks: Stacks) -> None:
    stacks.create(template({"Task": SMALL_TASK}))
    first = stacks.physical_id("Task")
    other_image = {**SMALL_TASK["Properties"], "Cpu": "512"}  # type: ignore[dict-item]
    stacks.update(template({"Task": {**SMALL_TASK, "Properties": other_image}}))
    second = stacks.physical_id("Task")
    assert first != second
    described = ecs(stacks.session).describe_task_definition(taskDefinition=first)
    assert described["taskDefinition"]["status"] == "INACTIVE"


def test_an_unknown_part_of_a_container_is_refused(stacks: Stacks) -> None:
    container = {"Name": "app", "Image": IMAGE, "Invented": True}
    properties = {**SMALL_TASK["Properties"], "ContainerDefinitions": [container]}  # type: ignore[dict-item]
    stacks.create(template({"Task": {**SMALL_TASK, "Properties": properties}}))
    assert "ContainerDefinitions.Invented" in stacks.failures()["Task"]


def test_a_service_is_deployed_anew_for_another_nonce_and_for_the_same_one_is_not(
    stacks: Stacks,
) -> None:
    around = {**CLUSTER, "Task": SMALL_TASK, **VPC}

    def service(nonce: str, *, enabled: bool = True, count: int = 1) -> Template:
        forced = {"EnableForceNewDeployment": enabled, "ForceNewDeploymentNonce": nonce}
        more = {"ForceNewDeployment": forced, "DesiredCount": count}
        properties = {**SERVICE["Service"]["Properties"], **more}  # type: ignore[dict-item]
        return template({**around, "Service": {**SERVICE["Service"], "Properties": properties}})

    def deployed() -> str:
        arn = stacks.physical_id("Service")
        cluster = arn.split("/")[-2]
        found = ecs(stacks.session).describe_services(cluster=cluster, services=[arn])["services"]
        (primary,) = (one for one in found[0]["deployments"] if one["status"] == "PRIMARY")
        return str(primary["id"])

    stacks.create(service("1"))
    first = deployed()
    stacks.update(service("1", count=2))
    assert deployed() == first
    stacks.update(service("2", count=2))
    second = deployed()
    assert second != first
    stacks.update(service("3", enabled=False, count=2))
    assert deployed() == second
