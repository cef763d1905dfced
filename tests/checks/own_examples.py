"""Examples of rules over several resources of one template: what is right, and one change to it."""

import copy
from typing import Any

from checks.rendering import Node

NOTHING = {"Ref": "AWS::NoValue"}


def _resource(kind: str, **properties: Any) -> Node:
    return {"Type": f"AWS::{kind}", "Properties": properties}


RIGHT: Node = {
    "Resources": {
        "Service": {
            **_resource(
                "ECS::Service",
                TaskDefinition={"Ref": "Task"},
                LoadBalancers=[
                    {
                        "ContainerName": "app",
                        "ContainerPort": 8080,
                        "TargetGroupArn": {"Ref": "Group"},
                    }
                ],
                HealthCheckGracePeriodSeconds=60,
                EnableExecuteCommand=False,
                DeploymentConfiguration={
                    "DeploymentCircuitBreaker": {"Enable": True, "Rollback": "true"}
                },
            ),
            "DependsOn": ["Rule"],
        },
        "Worker": _resource(
            "ECS::Service",
            TaskDefinition={"Ref": "Task"},
            DeploymentController={"Type": "EXTERNAL"},
        ),
        "Task": _resource(
            "ECS::TaskDefinition",
            NetworkMode="awsvpc",
            ExecutionRoleArn={"Fn::GetAtt": ["StartRole", "Arn"]},
            TaskRoleArn={"Fn::GetAtt": ["CodeRole", "Arn"]},
            Volumes=[{"Name": "tmp"}],
            ContainerDefinitions=[
                {
                    "Name": "app",
                    "Image": {"Fn::Sub": "${AWS::AccountId}.dkr.ecr.eu.amazonaws.com/a@${Digest}"},
                    "ReadonlyRootFilesystem": True,
                    "PortMappings": [{"ContainerPort": "8080"}],
                    "Environment": [{"Name": "TOKEN_URL", "Value": "https://example.com"}],
                    "MountPoints": [{"SourceVolume": "tmp", "ContainerPath": "/tmp"}],  # noqa: S108
                    "HealthCheck": {
                        "Command": ["CMD", "wget", "-q", "http://127.0.0.1:8080/health"]
                    },
                    "Privileged": False,
                    "LinuxParameters": {"InitProcessEnabled": True},
                }
            ],
        ),
        "Group": _resource(
            "ElasticLoadBalancingV2::TargetGroup", TargetType="ip", HealthCheckPath="/health"
        ),
        "Rule": _resource(
            "ElasticLoadBalancingV2::ListenerRule",
            Actions=[{"Type": "forward", "TargetGroupArn": {"Ref": "Group"}}],
        ),
        "Target": _resource("ApplicationAutoScaling::ScalableTarget", MinCapacity=1, MaxCapacity=2),
        "Policy": _resource(
            "ApplicationAutoScaling::ScalingPolicy", ScalingTargetId={"Ref": "Target"}
        ),
        "Alarm": _resource(
            "CloudWatch::Alarm",
            Namespace="AWS/ECS",
            MetricName="CPUUtilization",
            Dimensions=[{"Name": "ClusterName", "Value": {"Ref": "Cluster"}}],
            AlarmActions=[{"Ref": "Topic"}],
            Statistic="Sum",
            Period=60,
            Threshold=0,
            TreatMissingData="notBreaching",
        ),
        "LogGroup": _resource("Logs::LogGroup", RetentionInDays={"Ref": "Days"}),
        "Attachment": _resource("EC2::VPCGatewayAttachment", VpcId={"Ref": "Vpc"}),
        "Address": {**_resource("EC2::EIP", Domain="vpc"), "DependsOn": "Attachment"},
        "Nat": _resource("EC2::NatGateway", AllocationId={"Fn::GetAtt": "Address.AllocationId"}),
        "Route": {**_resource("EC2::Route", GatewayId="igw-1"), "DependsOn": "Attachment"},
        "WebAcl": _resource(
            "WAFv2::WebACL",
            Rules=[{"Name": "One", "Priority": 0}, {"Name": "Two", "Priority": 1}],
        ),
        "Key": _resource("KMS::Key", EnableKeyRotation=True),
        "Subnet": _resource("EC2::Subnet", MapPublicIpOnLaunch=False),
        "Tasks": _resource(
            "EC2::SecurityGroup",
            SecurityGroupEgress=[{"Description": "HTTPS to AWS", "IpProtocol": "tcp"}],
            SecurityGroupIngress=[{"Description": {"Ref": "Reason"}, "IpProtocol": "tcp"}],
        ),
        "WayIn": _resource("EC2::SecurityGroupIngress", Description="Calls from orders"),
        "WayOut": _resource("EC2::SecurityGroupEgress", Description="Calls to ledger"),
    }
}
"""No rule finds anything here."""

_CONTAINER = "Task/Properties/ContainerDefinitions/0"
_CHECK = f"{_CONTAINER}/HealthCheck/Command"
_BREAKER = "Service/Properties/DeploymentConfiguration/DeploymentCircuitBreaker"
_ENTRY = "Service/Properties/LoadBalancers/0"
_WITHOUT_BALANCER: tuple[Any, ...] = (
    f"{_CONTAINER}/HealthCheck",
    None,
    "Service/Properties/LoadBalancers",
    [],
)

CHANGES: list[tuple[str, str, tuple[Any, ...]]] = [
    # rule, where it is broken, what is changed: a path and its new value (None: gone) in turns
    ("E9119", "WebAcl/Properties/Rules/1/Priority", ("WebAcl/Properties/Rules/1/Priority", "0")),
    ("E9119", "WebAcl/Properties/Rules/1/Name", ("WebAcl/Properties/Rules/1/Name", "One")),
    ("E9133", "Target/Properties/MaxCapacity", ("Policy", None)),
    ("E9141", f"{_ENTRY}/ContainerName", (f"{_ENTRY}/ContainerName", "ap")),
    ("E9141", f"{_ENTRY}/ContainerPort", (f"{_ENTRY}/ContainerPort", 8081)),
    ("E9141", f"{_ENTRY}/ContainerPort", (f"{_CONTAINER}/PortMappings", None)),
    ("E9142", "Group/Properties/TargetType", ("Group/Properties/TargetType", "instance")),
    ("E9142", "Group/Properties/TargetType", ("Group/Properties/TargetType", None)),
    ("E9143", "Service/DependsOn", ("Service/DependsOn", None)),
    ("E9143", "Service/DependsOn", ("Service/DependsOn", ["Task"])),
    (
        "E9144",
        "Service/Properties/HealthCheckGracePeriodSeconds",
        ("Service/Properties/HealthCheckGracePeriodSeconds", NOTHING),
    ),
    ("E9145", "Task/Properties/ContainerDefinitions", _WITHOUT_BALANCER),
    ("E9146", _CHECK, (_CHECK, ["CMD-SHELL", "curl -f http://localhost:8080/ready || exit 1"])),
    ("E9146", _CHECK, (_CHECK, ["CMD", "wget", "http://127.0.0.1:80/health"])),
    ("E9146", _CHECK, ("Group/Properties/HealthCheckPath", "/")),
    ("E9147", f"{_BREAKER}/Enable", (f"{_BREAKER}/Enable", False)),
    ("E9147", f"{_BREAKER}/Rollback", (f"{_BREAKER}/Rollback", None)),
    ("E9147", f"{_BREAKER}/Enable", ("Service/Properties/DeploymentConfiguration", None)),
    (
        "E9151",
        f"{_CONTAINER}/Environment/0/Name",
        (f"{_CONTAINER}/Environment/0/Name", "DB_PASSWORD"),
    ),
    (
        "E9151",
        f"{_CONTAINER}/Environment/0/Value",
        (f"{_CONTAINER}/Environment/0/Value", "postgres://app:hunter2@db/payments"),
    ),
    ("E9152", f"{_CONTAINER}/Image", (f"{_CONTAINER}/Image", "nginx:latest")),
    ("E9152", f"{_CONTAINER}/Image", (f"{_CONTAINER}/Image", {"Fn::Sub": "${Uri}:${Tag}"})),
    (
        "E9152",
        f"{_CONTAINER}/Image",
        (f"{_CONTAINER}/Image", {"Fn::Join": [":", [{"Ref": "Uri"}, "1"]]}),
    ),
    (
        "E9153",
        "Task/Properties/TaskRoleArn",
        ("Task/Properties/TaskRoleArn", {"Fn::GetAtt": ["StartRole", "Arn"]}),
    ),
    (
        "E9154",
        f"{_CONTAINER}/MountPoints/0/SourceVolume",
        ("Task/Properties/Volumes", [{"Name": "temp"}]),
    ),
    (
        "E9155",
        f"{_CONTAINER}/ReadonlyRootFilesystem",
        (f"{_CONTAINER}/ReadonlyRootFilesystem", None),
    ),
    ("E9156", f"{_CONTAINER}/Privileged", (f"{_CONTAINER}/Privileged", "true")),
    (
        "E9156",
        f"{_CONTAINER}/LinuxParameters/Capabilities/Add",
        (f"{_CONTAINER}/LinuxParameters", {"Capabilities": {"Add": ["SYS_PTRACE"]}}),
    ),
    (
        "E9165",
        f"{_CONTAINER}/LinuxParameters/InitProcessEnabled",
        (f"{_CONTAINER}/LinuxParameters", None),
    ),
    (
        "E9118",
        "Service/Properties/EnableExecuteCommand",
        ("Service/Properties/EnableExecuteCommand", "true"),
    ),
    ("E9128", "Key/Properties/EnableKeyRotation", ("Key/Properties/EnableKeyRotation", False)),
    ("E9128", "Key/Properties/EnableKeyRotation", ("Key/Properties/EnableKeyRotation", None)),
    ("E9161", "Alarm/Properties/Dimensions", ("Alarm/Properties/Dimensions", None)),
    ("E9161", "Alarm/Properties/Dimensions", ("Alarm/Properties/Dimensions", [])),
    (
        "E9161",
        "Alarm/Properties/Dimensions/0/Value",
        ("Alarm/Properties/Dimensions/0/Value", ""),
    ),
    ("E9162", "Alarm/Properties/AlarmActions", ("Alarm/Properties/AlarmActions", None)),
    ("E9162", "Alarm/Properties/AlarmActions", ("Alarm/Properties/AlarmActions", [])),
    ("E9162", "Alarm/Properties/ActionsEnabled", ("Alarm/Properties/ActionsEnabled", False)),
    ("E9166", "Alarm/Properties/MetricName", ("Alarm/Properties/MetricName", None)),
    ("E9166", "Alarm/Properties/Statistic", ("Alarm/Properties/Statistic", None)),
    ("E9166", "Alarm/Properties/Period", ("Alarm/Properties/Period", "67")),
    ("E9167", "Alarm/Properties/TreatMissingData", ("Alarm/Properties/TreatMissingData", None)),
    ("E9167", "Alarm/Properties/TreatMissingData", ("Alarm/Properties/TreatMissingData", "x")),
    ("E9163", "LogGroup/Properties/RetentionInDays", ("LogGroup/Properties", {})),
    ("E9171", "Address/DependsOn", ("Address/DependsOn", None)),
    ("E9171", "Nat/DependsOn", ("Nat/Properties/AllocationId", "eipalloc-1")),
    ("E9171", "Route/DependsOn", ("Route/DependsOn", None)),
    (
        "E9172",
        "Subnet/Properties/MapPublicIpOnLaunch",
        ("Subnet/Properties/MapPublicIpOnLaunch", True),
    ),
    *(
        ("E9175", f"{path}/Description", (f"{path}/Description", value))
        for path, value in (
            ("Tasks/Properties/SecurityGroupEgress/0", None),
            ("Tasks/Properties/SecurityGroupIngress/0", NOTHING),
            ("WayIn/Properties", " "),
            ("WayOut/Properties", None),
        )
    ),
]


def changed(*changes: Any) -> Node:
    """Return what is right with the given changes made."""
    made = copy.deepcopy(RIGHT)
    for path, value in zip(changes[::2], changes[1::2], strict=True):
        *before, last = (int(step) if step.isdecimal() else step for step in path.split("/"))
        node: Any = made["Resources"]
        for step in before:
            node = node[step]
        if value is None:
            del node[last]
        else:
            node[last] = value
    return made
