"""What something else still uses is not deleted, by its API or with its stack."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.localaws.readback import get_att, ref
from tests.localaws.refusals import code_of
from tests.localaws.stacks import Stacks, template
from tests.localaws.test_container_types import CLUSTER, DISCOVERY, SMALL_TASK, VPC

SERVICE: dict[str, Any] = {
    "Type": "AWS::ECS::Service",
    "Properties": {
        "Cluster": ref("Cluster"),
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {
                "SecurityGroups": [ref("Group")],
                "Subnets": [ref("Subnet")],
            }
        },
        "ServiceRegistries": [{"RegistryArn": get_att("Discovery", "Arn")}],
        "TaskDefinition": ref("Task"),
    },
}
USED = {**CLUSTER, "Task": SMALL_TASK, **VPC, **DISCOVERY}


@pytest.fixture
def used(stacks: Stacks) -> Iterator[Stacks]:
    """Return a stack with a network, a cluster and Cloud Map; a service of the API uses them.

    Without that service, all of the stack must be deleted at the end.
    """
    stacks.create(template(USED))
    ecs = stacks.session.client("ecs")
    cloud_map = stacks.session.client("servicediscovery")
    registry = cloud_map.get_service(Id=stacks.physical_id("Discovery"))["Service"]["Arn"]
    cluster = stacks.physical_id("Cluster")
    ecs.create_service(
        cluster=cluster,
        serviceName="api",
        desiredCount=1,
        taskDefinition=stacks.physical_id("Task"),
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": [stacks.physical_id("Subnet")],
                "securityGroups": [stacks.physical_id("Group")],
            }
        },
        serviceRegistries=[{"registryArn": registry}],
    )
    yield stacks
    ecs.delete_service(cluster=cluster, service="api", force=True)
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE", stacks.failures()


def test_a_stack_that_a_service_uses_keeps_what_it_uses(used: Stacks) -> None:
    assert used.delete()["StackStatus"] == "DELETE_FAILED"
    failures = used.failures()
    codes = {
        "Cluster": "ClusterContainsServicesException",
        "Discovery": "ResourceInUse",
        "Group": "DependencyViolation",
        "Namespace": "ResourceInUse",
        "Subnet": "DependencyViolation",
        "Vpc": "DependencyViolation",
    }
    assert {name for name, code in codes.items() if code in failures[name]} == set(codes)


def test_the_api_keeps_what_a_service_uses(used: Stacks) -> None:
    ec2 = used.session.client("ec2")
    ecs = used.session.client("ecs")
    cloud_map = used.session.client("servicediscovery")
    group, subnet, vpc = (used.physical_id(name) for name in ("Group", "Subnet", "Vpc"))
    discovery, namespace = used.physical_id("Discovery"), used.physical_id("Namespace")
    assert code_of(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    assert code_of(ec2.delete_subnet, SubnetId=subnet) == "DependencyViolation"
    assert code_of(ec2.delete_vpc, VpcId=vpc) == "DependencyViolation"
    assert code_of(cloud_map.delete_service, Id=discovery) == "ResourceInUse"
    assert code_of(cloud_map.delete_namespace, Id=namespace) == "ResourceInUse"
    cluster = ecs.describe_clusters(clusters=[used.physical_id("Cluster")])["clusters"][0]
    for name in (cluster["clusterName"], cluster["clusterArn"]):
        assert code_of(ecs.delete_cluster, cluster=name) == "ClusterContainsServicesException"


def test_a_service_without_tasks_uses_only_its_cluster(stacks: Stacks) -> None:
    idle = {**SERVICE, "Properties": {**SERVICE["Properties"], "DesiredCount": 0}}
    stacks.create(template({**USED, "Service": idle}))
    session = stacks.session
    cluster = stacks.physical_id("Cluster")
    code = code_of(session.client("ecs").delete_cluster, cluster=cluster)
    assert code == "ClusterContainsServicesException"
    session.client("ec2").delete_security_group(GroupId=stacks.physical_id("Group"))
    session.client("servicediscovery").delete_service(Id=stacks.physical_id("Discovery"))


def test_a_whole_stack_goes_in_its_order(stacks: Stacks) -> None:
    stacks.create(template({**USED, "Service": SERVICE}))
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE", stacks.failures()


def test_a_cloud_map_service_with_instances_stays(stacks: Stacks) -> None:
    stacks.create(template({**VPC, **DISCOVERY}))
    cloud_map = stacks.session.client("servicediscovery")
    service = stacks.physical_id("Discovery")
    instance = {"ServiceId": service, "InstanceId": "one"}
    cloud_map.register_instance(**instance, Attributes={"AWS_INSTANCE_IPV4": "10.0.0.4"})
    assert code_of(cloud_map.delete_service, Id=service) == "ResourceInUse"
    cloud_map.deregister_instance(**instance)
    cloud_map.delete_service(Id=service)


def test_a_namespace_has_one_service_of_a_name(stacks: Stacks) -> None:
    stacks.create(template({**VPC, **DISCOVERY}))
    cloud_map = stacks.session.client("servicediscovery")
    namespace = stacks.physical_id("Namespace")
    code = code_of(cloud_map.create_service, Name="api", NamespaceId=namespace)
    assert code == "ServiceAlreadyExists"
    other = {**VPC, **DISCOVERY, "Other": {**DISCOVERY["Discovery"], "DependsOn": "Discovery"}}
    updated = stacks.update(template(other))
    assert updated["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "ServiceAlreadyExists" in stacks.failures()["Other"]


@pytest.mark.parametrize("direction", ["Ingress", "Egress"])
def test_a_group_that_a_rule_of_another_group_names_stays(stacks: Stacks, direction: str) -> None:
    groups = {"Group": VPC["Group"], "Other": VPC["Group"]}
    stacks.create(template({"Vpc": VPC["Vpc"], **groups}))
    ec2 = stacks.session.client("ec2")
    group, other = stacks.physical_id("Group"), stacks.physical_id("Other")
    tcp = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    rule = {"IpPermissions": [{**tcp, "UserIdGroupPairs": [{"GroupId": group}]}]}
    side = direction.lower()
    authorize = getattr(ec2, f"authorize_security_group_{side}")
    authorize(GroupId=other, **rule)
    authorize(GroupId=group, **rule)
    assert code_of(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"


def test_a_removed_group_that_is_still_named_stays_after_the_update(stacks: Stacks) -> None:
    groups = {"Group": VPC["Group"], "Other": VPC["Group"]}
    stacks.create(template({"Vpc": VPC["Vpc"], **groups}))
    ec2 = stacks.session.client("ec2")
    group = stacks.physical_id("Group")
    pair = [{"GroupId": group}]
    ec2.authorize_security_group_ingress(
        GroupId=stacks.physical_id("Other"),
        IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": pair}],
    )
    updated = stacks.update(template({"Vpc": VPC["Vpc"], "Other": VPC["Group"]}))
    assert updated["StackStatus"] == "UPDATE_COMPLETE"
    assert "has a dependent object (DependencyViolation)" in stacks.failures()["Group"]
    assert ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]


def test_the_address_of_a_nat_gateway_stays(stacks: Stacks) -> None:
    address = {"Address": {"Type": "AWS::EC2::EIP"}}
    stacks.create(template({"Vpc": VPC["Vpc"], "Subnet": VPC["Subnet"], **address}))
    ec2 = stacks.session.client("ec2")
    allocation = ec2.describe_addresses()["Addresses"][0]["AllocationId"]
    place = {"SubnetId": stacks.physical_id("Subnet"), "AllocationId": allocation}
    internet = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=internet, VpcId=stacks.physical_id("Vpc"))
    gateway = ec2.create_nat_gateway(**place)["NatGateway"]["NatGatewayId"]
    assert code_of(ec2.release_address, AllocationId=allocation) == "InvalidIPAddress.InUse"
    assert stacks.delete()["StackStatus"] == "DELETE_FAILED"
    assert "InvalidIPAddress.InUse" in stacks.failures()["Address"]
    assert "DependencyViolation" in stacks.failures()["Subnet"]
    ec2.delete_nat_gateway(NatGatewayId=gateway)
    ec2.detach_internet_gateway(InternetGatewayId=internet, VpcId=stacks.physical_id("Vpc"))
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"


def test_a_target_group_of_a_listener_elsewhere_stays(stacks: Stacks) -> None:
    prefix = "AWS::ElasticLoadBalancingV2::"
    group = {"Type": f"{prefix}TargetGroup", "Properties": {"VpcId": ref("Vpc")}}
    stacks.create(template({"Vpc": VPC["Vpc"], "Targets": group}))
    elb = stacks.session.client("elbv2")
    place: dict[str, Any] = {"Scheme": "internal", "Subnets": stacks.two_subnets()}
    made = elb.create_load_balancer(Name="private", **place)["LoadBalancers"][0]
    balancer = made["LoadBalancerArn"]
    forward = [{"Type": "forward", "TargetGroupArn": stacks.physical_id("Targets")}]
    elb.create_listener(LoadBalancerArn=balancer, Port=80, DefaultActions=forward)
    assert stacks.delete()["StackStatus"] == "DELETE_FAILED"
    assert "ResourceInUse" in stacks.failures()["Targets"]
    elb.delete_load_balancer(LoadBalancerArn=balancer)
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"


@pytest.mark.parametrize(
    ("property_name", "value", "reason"),
    [
        ("Subnets", "subnet-1", "Error retrieving subnet information for [subnet-1]"),
        ("SecurityGroups", "sg-1", "Error retrieving security group information for [sg-1]"),
    ],
)
def test_a_service_without_its_network_is_refused(
    stacks: Stacks, property_name: str, value: str, reason: str
) -> None:
    network = SERVICE["Properties"]["NetworkConfiguration"]["AwsvpcConfiguration"]
    changed = {"AwsvpcConfiguration": {**network, property_name: [value]}}
    properties = {**SERVICE["Properties"], "NetworkConfiguration": changed}
    broken = {**SERVICE, "Properties": properties}
    stacks.create(template({**USED, "Service": SERVICE}))
    updated = stacks.update(template({**USED, "Service": broken}))
    assert updated["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert reason in stacks.failures()["Service"]
    assert stacks.delete()["StackStatus"] == "DELETE_COMPLETE"
    stacks.create(template({**USED, "Service": broken}), "second")
    assert reason in stacks.failures("second")["Service"]
