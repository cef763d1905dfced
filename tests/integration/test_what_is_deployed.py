"""Both reference systems, read back through the APIs of the services that they are made of."""

import json
from typing import Any

from tests.integration.deployed import ALARM_EMAIL, Site, digests


def only(items: list[Any]) -> Any:
    (one,) = items
    return one


def service(site: Site, name: str) -> dict[str, Any]:
    cluster = only(site.client("ecs").list_clusters()["clusterArns"])
    found = site.client("ecs").describe_services(
        cluster=cluster, services=[f"{name}-test"], include=["TAGS"]
    )
    return dict(only(found["services"]))


def container(site: Site, name: str) -> dict[str, Any]:
    definition = site.client("ecs").describe_task_definition(
        taskDefinition=service(site, name)["taskDefinition"]
    )
    return dict(only(definition["taskDefinition"]["containerDefinitions"]))


def tags(pairs: list[dict[str, str]], key: str = "Key", value: str = "Value") -> dict[str, str]:
    return {pair[key]: pair[value] for pair in pairs}


def load_balancer(site: Site) -> dict[str, Any]:
    return dict(only(site.client("elbv2").describe_load_balancers()["LoadBalancers"]))


def test_the_vpc_has_six_subnets_over_three_zones(site: Site) -> None:
    vpc = site.resources()["Vpc"]
    subnets = site.client("ec2").describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])[
        "Subnets"
    ]

    assert len(subnets) == 6
    assert len({subnet["AvailabilityZone"] for subnet in subnets}) == 3
    found = only(site.client("ec2").describe_vpcs(VpcIds=[vpc])["Vpcs"])
    assert found["CidrBlock"] == "10.0.0.0/16"
    assert tags(found["Tags"])["Name"] == "payment-vpc-test"


def test_private_subnets_leave_by_nat_gateways(sites: dict[str, Site]) -> None:
    for system, count in (("gateway/development", 1), ("payments/development", 3), ("gateway", 3)):
        site = sites[system]
        ec2 = site.client("ec2")
        nats = [n for n in ec2.describe_nat_gateways()["NatGateways"] if n["State"] == "available"]
        targets = [
            route["NatGatewayId"]
            for table in ec2.describe_route_tables()["RouteTables"]
            for route in table["Routes"]
            if "NatGatewayId" in route
        ]
        assert len(nats) == count
        assert len(targets) == 3
        assert set(targets) == {nat["NatGatewayId"] for nat in nats}
        addresses = {a["AllocationId"] for a in ec2.describe_addresses()["Addresses"]}
        assert {n["NatGatewayAddresses"][0]["AllocationId"] for n in nats} == addresses


def test_security_groups_let_in_what_the_description_connects(gateway: Site) -> None:
    ids = {
        address.split("/")[-1].removesuffix("SecurityGroup"): group
        for address, group in gateway.resources("AWS::EC2::SecurityGroup").items()
    }
    groups = gateway.client("ec2").describe_security_groups(GroupIds=list(ids.values()))
    names = {group: name for name, group in ids.items()}
    found = {
        (names[pair["GroupId"]], names[group["GroupId"]], permission["FromPort"])
        for group in groups["SecurityGroups"]
        for permission in group["IpPermissions"]
        for pair in permission["UserIdGroupPairs"]
    }

    assert found == {
        ("LoadBalancer", "ApiGateway", 8080),
        ("ApiGateway", "PaymentProcessor", 8080),
        ("ApiGateway", "FraudDetector", 8080),
    }


def test_the_load_balancer_serves_https_and_redirects_http(site: Site) -> None:
    balancer = load_balancer(site)
    listeners = site.client("elbv2").describe_listeners(
        LoadBalancerArn=balancer["LoadBalancerArn"]
    )["Listeners"]
    by_port = {listener["Port"]: listener for listener in listeners}

    assert balancer["Scheme"] == "internet-facing"
    assert set(by_port) == {80, 443}
    assert by_port[443]["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    certificate = site.client("ssm").get_parameter(Name=site.certificate)["Parameter"]
    assert by_port[443]["Certificates"][0]["CertificateArn"] == certificate["Value"]
    redirect = by_port[80]["DefaultActions"][0]["RedirectConfig"]
    assert (redirect["Protocol"], redirect["StatusCode"]) == ("HTTPS", "HTTP_301")


def test_requests_reach_a_target_group_that_asks_for_health(site: Site) -> None:
    elb = site.client("elbv2")
    group = only(elb.describe_target_groups()["TargetGroups"])
    listeners = elb.describe_listeners(LoadBalancerArn=load_balancer(site)["LoadBalancerArn"])
    rules = [
        rule
        for listener in listeners["Listeners"]
        for rule in elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
        if rule["Priority"] != "default"
    ]

    assert group["HealthCheckPath"] == "/health"
    assert group["HealthCheckIntervalSeconds"] == 30
    assert group["TargetType"] == "ip"
    assert only(only(rules)["Actions"])["TargetGroupArn"] == group["TargetGroupArn"]


def test_the_cluster_is_observed_and_offers_spot(site: Site) -> None:
    arn = only(site.client("ecs").list_clusters()["clusterArns"])
    cluster = only(
        site.client("ecs").describe_clusters(clusters=[arn], include=["SETTINGS"])["clusters"]
    )

    assert cluster["settings"] == [{"name": "containerInsights", "value": "enabled"}]
    assert set(cluster["capacityProviders"]) == {"FARGATE", "FARGATE_SPOT"}


def test_two_tasks_of_each_service_run_the_image_that_was_given(site: Site) -> None:
    for name, digest in digests(site.system).items():
        assert service(site, name)["desiredCount"] == 2
        assert container(site, name)["image"].endswith(f"@{digest}")


def test_services_roll_back_and_spread_over_private_subnets(site: Site) -> None:
    resources = site.resources()
    private = {resources[f"PrivateSubnet{zone}"] for zone in "ABC"}
    for name in site.system.services:
        found = service(site, name)
        breaker = found["deploymentConfiguration"]["deploymentCircuitBreaker"]
        vpc = found["networkConfiguration"]["awsvpcConfiguration"]
        assert breaker["enable"] is True
        assert breaker["rollback"] is True
        assert set(vpc["subnets"]) == private
        assert vpc["assignPublicIp"] == "DISABLED"
        assert found["availabilityZoneRebalancing"] == "ENABLED"


def test_payments_runs_on_fargate_and_spot(payments: Site) -> None:
    for name, base in (("payment-api", 2), ("fraud-detection", 2), ("notification-service", 0)):
        strategy = {
            one["capacityProvider"]: one
            for one in service(payments, name)["capacityProviderStrategy"]
        }
        assert strategy["FARGATE"]["base"] == base
        assert strategy["FARGATE"]["weight"] == strategy["FARGATE_SPOT"]["weight"] == 1


def test_services_are_registered_in_payment_local(site: Site) -> None:
    discovery = site.client("servicediscovery")
    namespace = only(discovery.list_namespaces()["Namespaces"])
    entries = {entry["Name"]: entry for entry in discovery.list_services()["Services"]}

    assert (namespace["Name"], namespace["Type"]) == ("payment.local", "DNS_PRIVATE")
    assert set(entries) == set(site.system.services)
    for name in site.system.services:
        registry = only(service(site, name)["serviceRegistries"])
        assert registry["registryArn"] == entries[name]["Arn"]
        assert only(container(site, name)["portMappings"])["containerPort"] == 8080


def test_tasks_get_their_secrets_by_json_key(gateway: Site) -> None:
    secrets = tags(container(gateway, "payment-processor")["secrets"], "name", "valueFrom")
    arn = gateway.resources()["Security/DbCredentialsSecret"]

    assert secrets["DB_PASSWORD"] == f"{arn}:password::"
    assert container(gateway, "api-gateway").get("secrets", []) == []


def test_secrets_exist_and_hold_nothing_that_a_template_said(gateway: Site) -> None:
    manager = gateway.client("secretsmanager")
    names = {secret["Name"] for secret in manager.list_secrets()["SecretList"]}
    value = manager.get_secret_value(SecretId="payment-db-credentials-test")["SecretString"]

    assert names == {"payment-db-credentials-test", "payment-api-keys-test"}
    assert set(json.loads(value)) == {"unset"}


def test_a_value_that_people_set_survives_the_next_deployment(gateway: Site) -> None:
    manager = gateway.client("secretsmanager")
    manager.put_secret_value(SecretId="payment-api-keys-test", SecretString='{"set": "by people"}')
    gateway.deploy(LogRetentionDays="365")
    gateway.deploy(LogRetentionDays="400")

    value = manager.get_secret_value(SecretId="payment-api-keys-test")["SecretString"]
    assert json.loads(value) == {"set": "by people"}


def test_logs_are_kept_for_the_days_that_the_parameter_says(site: Site) -> None:
    groups = {
        group["logGroupName"]: group
        for group in site.client("logs").describe_log_groups()["logGroups"]
    }

    containers = {f"/ecs/payment-{name}-test" for name in site.system.services}
    web_acl = {f"aws-waf-logs-{site.system.name}-test"} if site.system.has_web_acl else set()
    assert set(groups) == containers | web_acl
    assert {group["retentionInDays"] for group in groups.values()} == {
        site.system.logs.retention_days
    }


def test_the_gateway_s_logs_are_encrypted_with_its_own_key(gateway: Site) -> None:
    key = gateway.resources()["Security/LogKey"]
    groups = gateway.client("logs").describe_log_groups()["logGroups"]

    assert {group["kmsKeyId"].rpartition("/")[2] for group in groups} == {key}
    assert gateway.client("kms").get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True


def test_each_service_has_two_roles_of_its_own(site: Site) -> None:
    roles = set(site.resources("AWS::IAM::Role").values())
    used = set()
    for name in site.system.services:
        definition = site.client("ecs").describe_task_definition(
            taskDefinition=service(site, name)["taskDefinition"]
        )["taskDefinition"]
        used |= {
            definition[role].rpartition("/")[2] for role in ("executionRoleArn", "taskRoleArn")
        }

    assert len(roles) == 6
    assert used == roles


def test_a_role_allows_exact_resources(gateway: Site) -> None:
    iam = gateway.client("iam")
    role = gateway.resources()["Roles/FraudDetectorExecutionRole"]
    policies = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policy = iam.get_role_policy(RoleName=role, PolicyName=only(policies))["PolicyDocument"]
    allowed = {one["Sid"]: one["Resource"] for one in policy["Statement"]}
    account = gateway.session.account

    assert allowed["PullImage"] == [
        f"arn:aws:ecr:us-east-1:{account}:repository/payment-fraud-detector-test"
    ]
    assert allowed["ReadSecrets"] == [gateway.resources()["Security/ApiKeysSecret"]]
    assert only(allowed["WriteLogs"]).endswith(":log-group:/ecs/payment-fraud-detector-test:*")


def test_repositories_scan_and_keep_what_runs(gateway: Site) -> None:
    ecr = gateway.client("ecr")
    repositories = ecr.describe_repositories()["repositories"]

    assert len(repositories) == 3
    for repository in repositories:
        assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
        assert repository["imageTagMutability"] == "IMMUTABLE"
        policy = json.loads(
            ecr.get_lifecycle_policy(repositoryName=repository["repositoryName"])[
                "lifecyclePolicyText"
            ]
        )
        assert [rule["selection"]["countNumber"] for rule in policy["rules"]] == [14, 500]


def test_services_scale_between_two_and_ten_tasks(gateway: Site, payments: Site) -> None:
    for site, memory in ((gateway, 70), (payments, 80)):
        scaling = site.client("application-autoscaling")
        targets = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
        policies = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
        assert {(t["MinCapacity"], t["MaxCapacity"]) for t in targets} == {(2, 10)}
        assert {t["ResourceId"].rpartition("/")[2] for t in targets} == {
            f"{name}-test" for name in site.system.services
        }
        tracked = [policy["TargetTrackingScalingPolicyConfiguration"] for policy in policies]
        assert sorted(one["TargetValue"] for one in tracked) == sorted([70, memory] * 3)
        assert {(one["ScaleOutCooldown"], one["ScaleInCooldown"]) for one in tracked} == {(60, 300)}


def test_stack_tags_and_tags_of_the_description_reach_resources(
    gateway: Site, payments: Site
) -> None:
    for site, own in ((gateway, {}), (payments, {"CostCenter": "engineering"})):
        wanted = {
            "Environment": "test",
            "Team": "payments",
            "Repository": "payments/infrastructure",
        }
        vpc = site.client("ec2").describe_vpcs(VpcIds=[site.resources()["Vpc"]])["Vpcs"][0]
        name = next(iter(site.system.services))
        balancer = site.client("elbv2").describe_tags(
            ResourceArns=[load_balancer(site)["LoadBalancerArn"]]
        )["TagDescriptions"][0]
        for found in (
            tags(vpc["Tags"]),
            tags(service(site, name)["tags"], "key", "value"),
            tags(balancer["Tags"]),
        ):
            assert found.items() >= {**wanted, **own}.items()
            assert found["CreatedAt"]
        assert service(site, name)["propagateTags"] == "SERVICE"


def test_the_bucket_of_logs_is_hardened_and_takes_flow_logs(production: Site) -> None:
    site = production
    resources = site.resources()
    bucket, s3 = resources["LogBucket"], site.client("s3")
    rule = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]
    (flow_log,) = site.client("ec2").describe_flow_logs()["FlowLogs"]

    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert set(
        s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()
    ) == {True}
    assert rule["Expiration"]["Days"] == 400
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30
    assert (flow_log["ResourceId"], flow_log["TrafficType"]) == (resources["Vpc"], "ALL")
    assert flow_log["LogDestination"] == f"arn:aws:s3:::{bucket}/network-flows/"
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    # EC2 would have added statements to a policy that does not let it write.
    assert {one["Sid"] for one in policy["Statement"]} == {
        "RefuseClearText",
        "DeliverLoadBalancerLogs",
        "AWSLogDeliveryWrite",
        "AWSLogDeliveryAclCheck",
    }


def test_the_load_balancer_s_requests_and_connections_are_logged(production: Site) -> None:
    site = production
    found = site.client("elbv2").describe_load_balancer_attributes(
        LoadBalancerArn=load_balancer(site)["LoadBalancerArn"]
    )["Attributes"]
    attributes = {one["Key"]: one["Value"] for one in found}

    for kind in ("access_logs", "connection_logs"):
        assert attributes[f"{kind}.s3.enabled"] == "true"
        assert attributes[f"{kind}.s3.bucket"] == site.resources()["LogBucket"]


def test_the_load_balancer_is_behind_a_web_acl_that_logs(production: Site) -> None:
    site = production
    waf = site.client("wafv2")
    acl = waf.get_web_acl_for_resource(ResourceArn=load_balancer(site)["LoadBalancerArn"])["WebACL"]
    logging = waf.get_logging_configuration(ResourceArn=acl["ARN"])["LoggingConfiguration"]
    (destination,) = logging["LogDestinationConfigs"]
    name = f"aws-waf-logs-{site.system.name}-test"
    (group,) = site.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]

    assert acl["Capacity"] == 1127
    assert [
        one["Field"]["FieldType"] for one in acl["DataProtectionConfig"]["DataProtections"]
    ] == ["SINGLE_HEADER", "BODY"]
    assert destination.endswith(f":log-group:{name}")
    assert group["retentionInDays"] == site.system.logs.retention_days
    assert ("kmsKeyId" in group) is (site.system.logs.key == "customer")
    assert {one["SingleHeader"]["Name"] for one in logging["RedactedFields"]} >= {
        "authorization",
        "cookie",
    }


def test_the_topic_of_alarms_is_encrypted_and_tells_the_address_given(
    production: Site,
) -> None:
    site = production
    arn = site.resources()["Security/AlarmTopic"]
    sns = site.client("sns")
    topic = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]

    assert topic["KmsMasterKeyId"] == site.resources()["Security/TopicKey"]
    assert arn in topic["Policy"]
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", ALARM_EMAIL)


def test_the_outputs_are_those_of_what_is_deployed(site: Site) -> None:
    stack = site.stack()
    assert stack
    outputs, resources = stack.outputs, site.resources()

    assert outputs["VpcId"] == resources["Vpc"]
    assert outputs.get("AlarmTopicArn") == resources.get("Security/AlarmTopic")
    assert outputs["AlbDnsName"] == load_balancer(site)["DNSName"]
    assert outputs["EcsClusterName"] == resources["Services/Cluster"]
    assert outputs["ServiceDiscoveryNamespace"] == "payment.local"
