"""What an update touches, what a failure leaves behind, and what is left in the end."""

import dataclasses
import json
import re

import pytest

from delivery import deployment
from delivery.errors import DeliveryError, RefusedError
from description.model import Edge, Profile, Route
from templates.names import pascal, stack_of
from tests import principals
from tests.integration.conftest import NewSite
from tests.integration.deployed import Site, digest, digests


def running(site: Site) -> dict[str, str]:
    """Return the task definition that each service runs, by service name."""
    ecs = site.client("ecs")
    (cluster,) = ecs.list_clusters()["clusterArns"]
    arns = ecs.list_services(cluster=cluster)["serviceArns"]
    found = ecs.describe_services(cluster=cluster, services=arns)["services"]
    return {one["serviceName"]: one["taskDefinition"] for one in found}


@pytest.mark.parametrize(
    ("system", "service"), [("gateway", "fraud-detector"), ("payments", "payment-api")]
)
def test_a_new_image_changes_its_service_s_stack_only(
    system: str, service: str, new_site: NewSite
) -> None:
    site = new_site(system)
    site.deploy(digests(site.system))
    before = running(site)
    deployed = site.deploy({service: digest("new")})

    assert deployed.review.change_set
    title = stack_of(service)
    changes = {
        ("/".join(change.path), change.logical_id, change.type.rpartition("::")[2])
        for change in deployed.review.change_set.changes
    }
    assert changes == {
        ("", title, "Stack"),
        (title, "TaskDefinition", "TaskDefinition"),
        (title, "Service", "Service"),
    }
    after = running(site)
    assert {name for name in before if before[name] != after[name]} == {f"{service}-test"}


def test_the_review_says_what_is_replaced(new_site: NewSite) -> None:
    site = new_site("gateway")
    site.deploy(digests(site.system))
    review = deployment.plan(site.place, site.order({"fraud-detector": digest("new")}))

    assert review.change_set
    found = {change.logical_id: change for change in review.change_set.changes}
    assert (found["TaskDefinition"].action, found["TaskDefinition"].replacement) == (
        "Modify",
        "yes",
    )
    assert found["Service"].replacement == "no"
    assert found["FraudDetectorService"].replacement == "no"


def test_no_change_set_that_encrypts_images_otherwise_is_carried_out_in_production(
    new_site: NewSite,
) -> None:
    site = new_site("gateway")
    site.deploy()
    registry = site.system.registry.model_copy(update={"key": "aws"})
    other = dataclasses.replace(site, system=site.system.model_copy(update={"registry": registry}))
    order = dataclasses.replace(other.order({}), profile=Profile.PRODUCTION)

    with pytest.raises(RefusedError) as refused:
        deployment.deploy(other.place, order)

    for service in site.system.services:
        address = f"Registry/{pascal(service)}Repository"
        assert f"{address} (AWS::ECR::Repository) would be replaced" in str(refused.value)
    assert site.deploy().review.change_set is None


def test_an_old_task_definition_stays_for_a_rollback_by_hand(new_site: NewSite) -> None:
    site = new_site("payments")
    site.deploy(digests(site.system))
    old = running(site)["payment-api-test"]
    site.deploy({"payment-api": digest("new")})

    found = site.client("ecs").describe_task_definition(taskDefinition=old)["taskDefinition"]
    assert found["status"] == "ACTIVE"


def test_an_update_keeps_the_count_that_autoscaling_chose(new_site: NewSite) -> None:
    site = new_site("gateway")
    site.deploy(digests(site.system))
    ecs = site.client("ecs")
    (cluster,) = ecs.list_clusters()["clusterArns"]
    ecs.update_service(cluster=cluster, service="api-gateway-test", desiredCount=7)
    site.deploy({"api-gateway": digest("new")})

    (service,) = ecs.describe_services(cluster=cluster, services=["api-gateway-test"])["services"]
    assert service["desiredCount"] == 7


def test_a_child_that_fails_takes_everything_back(new_site: NewSite) -> None:
    site = new_site("gateway/development")
    taken = "/ecs/payment-fraud-detector-test"
    site.client("logs").create_log_group(logGroupName=taken)

    with pytest.raises(DeliveryError) as failure:
        site.deploy(digests(site.system))

    assert "gateway-test/Roles/FraudDetectorLogGroup" in str(failure.value)
    assert "already exists" in str(failure.value)
    assert "ROLLBACK_COMPLETE" in str(failure.value)
    assert left_of(site) == {f"log group {taken}"}


def test_an_update_that_fails_puts_the_old_state_back(new_site: NewSite) -> None:
    site = new_site("payments")
    site.deploy(digests(site.system))
    before, resources = running(site), site.resources()
    site.client("logs").create_log_group(logGroupName="/ecs/payment-ledger-test")
    ledger = site.system.services["notification-service"]
    site.system = site.system.model_copy(
        update={"services": {**site.system.services, "ledger": ledger}}
    )

    with pytest.raises(DeliveryError, match="UPDATE_ROLLBACK_COMPLETE"):
        site.deploy(digests(site.system, version="2"))

    assert running(site).keys() == before.keys()
    assert {site_image(site, arn) for arn in running(site).values()} == {
        site_image(site, arn) for arn in before.values()
    }
    assert site.resources().keys() == resources.keys()


def site_image(site: Site, definition: str) -> str:
    found = site.client("ecs").describe_task_definition(taskDefinition=definition)
    return str(found["taskDefinition"]["containerDefinitions"][0]["image"])


@pytest.mark.parametrize("system", ["gateway/development", "payments"])
def test_nothing_is_left_but_what_the_description_retains(system: str, new_site: NewSite) -> None:
    site = new_site(system)
    nothing = left_of(site)
    site.deploy(digests(site.system))
    assert len(left_of(site)) > 20
    resources = site.resources()
    site.destroy()

    kept = set()
    if site.system.removal_policy == "retain":
        kept = {f"log group /ecs/payment-{name}-test" for name in site.system.services}
        bucket, key = resources["LogBucket"], resources["Security/LogKey"]
        kept |= {f"log group aws-waf-logs-{system}-test", f"bucket {bucket}", f"key {key}"}
        policy = json.loads(site.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
        assert "RefuseClearText" in {one["Sid"] for one in policy["Statement"]}
    assert left_of(site) == nothing | kept
    assert site.stack() is None


def left_of(site: Site) -> set[str]:
    """Return everything that is there in the account, of all types that a system has."""
    ec2, elb, ecs = site.client("ec2"), site.client("elbv2"), site.client("ecs")
    discovery, scaling = site.client("servicediscovery"), site.client("application-autoscaling")
    default = {v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"] if v["IsDefault"]}

    def ours(item: dict[str, str]) -> bool:
        return item.get("VpcId") not in default

    found = [
        ("vpc", [v["VpcId"] for v in ec2.describe_vpcs()["Vpcs"] if ours(v)]),
        ("subnet", [s["SubnetId"] for s in ec2.describe_subnets()["Subnets"] if ours(s)]),
        (
            "route table",
            [r["RouteTableId"] for r in ec2.describe_route_tables()["RouteTables"] if ours(r)],
        ),
        (
            "security group",
            [g["GroupId"] for g in ec2.describe_security_groups()["SecurityGroups"] if ours(g)],
        ),
        (
            "internet gateway",
            [
                gateway["InternetGatewayId"]
                for gateway in ec2.describe_internet_gateways()["InternetGateways"]
                if not any(a["VpcId"] in default for a in gateway["Attachments"])
            ],
        ),
        ("address", [a["AllocationId"] for a in ec2.describe_addresses()["Addresses"]]),
        (
            "nat gateway",
            [
                nat["NatGatewayId"]
                for nat in ec2.describe_nat_gateways()["NatGateways"]
                if nat["State"] != "deleted"
            ],
        ),
        (
            "load balancer",
            [b["LoadBalancerArn"] for b in elb.describe_load_balancers()["LoadBalancers"]],
        ),
        (
            "target group",
            [g["TargetGroupArn"] for g in elb.describe_target_groups()["TargetGroups"]],
        ),
        (
            "cluster",
            [
                cluster["clusterArn"]
                for cluster in ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])[
                    "clusters"
                ]
                if cluster["status"] == "ACTIVE"
            ],
        ),
        ("task definition", ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"]),
        ("namespace", [n["Id"] for n in discovery.list_namespaces()["Namespaces"]]),
        ("discovery entry", [s["Id"] for s in discovery.list_services()["Services"]]),
        (
            "scalable target",
            [
                target["ResourceId"]
                for target in scaling.describe_scalable_targets(ServiceNamespace="ecs")[
                    "ScalableTargets"
                ]
            ],
        ),
        ("flow log", [f["FlowLogId"] for f in ec2.describe_flow_logs()["FlowLogs"]]),
        (
            "bucket",
            [
                bucket["Name"]
                for bucket in site.client("s3").list_buckets()["Buckets"]
                if bucket["Name"] != site.bucket
            ],
        ),
        ("topic", [t["TopicArn"] for t in site.client("sns").list_topics()["Topics"]]),
        (
            "web acl",
            [a["ARN"] for a in site.client("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"]],
        ),
        (
            "log policy",
            [
                policy["policyName"]
                for policy in site.client("logs").describe_resource_policies()["resourcePolicies"]
            ],
        ),
        (
            "log group",
            [g["logGroupName"] for g in site.client("logs").describe_log_groups()["logGroups"]],
        ),
        (
            "repository",
            [
                repository["repositoryName"]
                for repository in site.client("ecr").describe_repositories()["repositories"]
            ],
        ),
        (
            "secret",
            [s["Name"] for s in site.client("secretsmanager").list_secrets()["SecretList"]],
        ),
        (
            "role",
            [
                role["RoleName"]
                for role in site.client("iam").list_roles()["Roles"]
                if not re.match("/aws-service-role/", role["Path"])
                and role["RoleName"] != principals.role_name(site.system)
            ],
        ),
        (
            "key",
            [
                key["KeyId"]
                for key in site.client("kms").list_keys()["Keys"]
                if site.client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"]
                == "Enabled"
            ],
        ),
    ]
    return {f"{kind} {name}" for kind, names in found for name in names}


def test_a_service_that_loses_its_routes_leaves_the_load_balancer(new_site: NewSite) -> None:
    site = new_site("payments")
    without = site.system
    spec = without.services["fraud-detection"]
    routed = spec.model_copy(update={"routes": (Route(priority=200, paths=("/scores",)),)})
    site.system = without.model_copy(
        update={"services": {**without.services, "fraud-detection": routed}}
    )
    site.deploy(digests(site.system))
    assert len(load_balancers(site, "fraud-detection")) == 1

    site.system = without
    site.deploy()
    assert load_balancers(site, "fraud-detection") == []


def load_balancers(site: Site, service: str) -> list[object]:
    ecs = site.client("ecs")
    (cluster,) = ecs.list_clusters()["clusterArns"]
    (found,) = ecs.describe_services(cluster=cluster, services=[f"{service}-test"])["services"]
    return list(found["loadBalancers"])


def test_an_edge_in_clear_text_can_become_https(new_site: NewSite) -> None:
    site = new_site("enclave")
    assert site.system.edge.protocol == "http"
    site.deploy(digests(site.system))
    site.system = site.system.model_copy(update={"edge": Edge()})
    site.deploy()

    elb = site.client("elbv2")
    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    assert {(one["Port"], one["DefaultActions"][0]["Type"]) for one in listeners} == {
        (80, "redirect"),
        (443, "fixed-response"),
    }
