"""Defects of what has to agree, each of which is planted in the rendered templates of a system."""

import copy
from typing import Any, NamedTuple

from checks.rendering import Node

NONE = object()
"""Stands for nothing: what is there is taken away."""


class At(NamedTuple):
    """What is at another place of the templates."""

    file: str
    path: str


class Defect(NamedTuple):
    """Changes to templates, and what must be found."""

    rule: str
    file: str
    """Where it is found."""
    message: str
    """A part of what is said."""
    changes: tuple[tuple[str, str, Any], ...]
    """Files (without ending, with ``!`` and a section other than ``Resources``), places there, and
    what is put there."""
    system: str = "gateway"


API, PAY, FRAUD = "service-api-gateway", "service-payment-processor", "service-fraud-detector"
SERVICES = "services"
CONTAINER = "TaskDefinition/Properties/ContainerDefinitions/0"
TRACKING = "Properties/TargetTrackingScalingPolicyConfiguration"
AWSVPC = "Service/Properties/NetworkConfiguration/AwsvpcConfiguration"


def one(
    rule: str, message: str, file: str, path: str, value: Any, system: str = "gateway"
) -> Defect:
    """A defect that is one change, found where it is."""
    return Defect(rule, f"{system}/{file}.json", message, ((file, path, value),), system)


def get_att(name: str, attribute: str) -> Node:
    return {"Fn::GetAtt": [name, attribute]}


def planted(templates: dict[str, Node], defect: Defect) -> dict[str, Node]:
    """Return a copy of ``templates`` with a defect."""
    made = copy.deepcopy(templates)
    for file, path, value in defect.changes:
        if isinstance(value, At):
            value = _at(templates[f"{value.file}.json"]["Resources"], value.path)
        name, _, section = file.partition("!")
        *before, last = path.split("/")
        node = _at(made[f"{name}.json"][section or "Resources"], "/".join(before))
        key = int(last) if isinstance(node, list) else last
        if value is NONE:
            del node[key]
        elif isinstance(node, list) and key == len(node):
            node.append(value)
        else:
            node[key] = value
    return made


def _at(node: Any, path: str) -> Any:
    for step in filter(None, path.split("/")):
        node = node[int(step) if isinstance(node, list) else step]
    return node


_EXTRA_GROUP = {
    "Type": "AWS::EC2::SecurityGroup",
    "Properties": {
        "GroupDescription": "Forgotten",
        "VpcId": {"Ref": "VpcId"},
        "Tags": [{"Key": "Name", "Value": "forgotten"}],
    },
}
_ROLE_POLICY = {
    "Type": "AWS::IAM::RolePolicy",
    "Properties": {"RoleName": {"Ref": "ExecutionRole"}, "PolicyName": "Late"},
}
_COPY_OF_ROLE = At(API, "TaskRole")

DEFECTS = [
    # What is there
    one("E9700", "there is no resource", API, "Service/Properties/Cluster", get_att("No", "Arn")),
    Defect(
        "E9701",
        "gateway/parent.json",
        "has no stack for the service api-gateway",
        (
            (SERVICES, "Gateway", At(SERVICES, "ApiGateway")),
            (SERVICES, "ApiGateway", NONE),
            ("services!Outputs", "ApiGatewayServiceName/Value", "none"),
        ),
    ),
    one("E9701", "has 3 of AWS::IAM::Role", API, "AnotherRole", _COPY_OF_ROLE),
    one("E9702", "has 2 of AWS::ECS::Cluster", SERVICES, "Second", At(SERVICES, "Cluster")),
    Defect(
        "E9702",
        "gateway/security.json",
        "has 1 of AWS::SecretsManager::Secret",
        (
            ("security", "ApiKeysSecret", NONE),
            ("security!Outputs", "ApiKeysSecretArn/Value", "arn:other"),
        ),
    ),
    one("E9703", "is referred to by nobody", SERVICES, "Forgotten", _EXTRA_GROUP),
    Defect(
        "E9703",
        "gateway/network.json",
        "is referred to by nobody",
        (("network", "Spare", At("network", "PrivateRouteTableA")),),
    ),
    # Values of another kind
    one(
        "E9704",
        "must identify a resource of AWS::EC2::SecurityGroup, found ${Network/PrivateSubnetA}",
        API,
        f"{AWSVPC}/SecurityGroups",
        At(API, f"{AWSVPC}/Subnets"),
    ),
    Defect(
        "E9704",
        "gateway/service-api-gateway.json",
        "must identify a resource of AWS::EC2::SecurityGroup",
        (
            (
                SERVICES,
                "ApiGateway/Properties/Parameters/LoadBalancerSecurityGroupId",
                {"Ref": "VpcId"},
            ),
        ),
    ),
    Defect(
        "E9704",
        "gateway/service-fraud-detector.json",
        "must identify a resource of AWS::KMS::Key",
        ((SERVICES, "FraudDetector/Properties/Parameters/LogKeyArn", {"Ref": "ApiKeysSecretArn"}),),
    ),
    one(
        "E9704",
        "must identify a resource of AWS::IAM::Role",
        FRAUD,
        "TaskDefinition/Properties/TaskRoleArn",
        {"Ref": "TaskRole"},  # its name
    ),
    one(
        "E9704",
        "must identify a resource of AWS::ElasticLoadBalancingV2::LoadBalancer",
        SERVICES,
        "HttpsListener/Properties/LoadBalancerArn",
        get_att("LoadBalancer", "DNSName"),
    ),
    # Images that are missing
    one("E9705", "its condition does not hold", FRAUD, "Service/Condition", NONE),
    Defect(
        "E9705",
        "gateway/service-fraud-detector.json",
        "is there while FraudDetectorImageDigest is not known",
        (
            (
                f"{FRAUD}!Conditions",
                "ImageIsKnown",
                {"Fn::Not": [{"Fn::Equals": [{"Ref": "EnvironmentSuffix"}, ""]}]},
            ),
        ),
    ),
    Defect(
        "E9705",
        "gateway/services.json",
        "is there while no image is known",
        (("parent", "Services/Condition", NONE),),
    ),
    one(
        "E9705",
        "is there while ApiGatewayImageDigest is not known",
        API,
        "ListenerRule100/Condition",
        NONE,
    ),
    # Tasks
    one("E9711", "must have the container api-gateway alone", API, f"{CONTAINER}/Name", "gateway"),
    one(
        "E9711",
        "must be ['8080'] as described, found ['8081']",
        API,
        f"{CONTAINER}/PortMappings/0/ContainerPort",
        8081,
    ),
    one(
        "E9711",
        "found ['api-gateway', 'api-gateway']",
        API,
        "TaskDefinition/Properties/ContainerDefinitions/1",
        At(API, CONTAINER),
    ),
    one(
        "E9712",
        "must be /health, found /",
        API,
        "TargetGroup/Properties/HealthCheckPath",
        "/",
    ),
    one("E9712", "must be", FRAUD, f"{CONTAINER}/HealthCheck/Command", ["CMD", "true"]),
    one("E9712", "found None", FRAUD, f"{CONTAINER}/HealthCheck", NONE),
    one("E9712", "must be 30", API, "TargetGroup/Properties/HealthCheckIntervalSeconds", 300),
    one(
        "E9712",
        "must be the port of requests",
        API,
        "TargetGroup/Properties/HealthCheckPort",
        "9000",
    ),
    one("E9713", "must be the cluster of this system", API, "Service/Properties/Cluster", "other"),
    Defect(
        "E9713",
        "gateway/service-fraud-detector.json",
        "must be of Services/FraudDetector",
        (
            (API, "TaskRole/Properties/RoleName", "shared"),
            (
                FRAUD,
                "TaskDefinition/Properties/TaskRoleArn",
                {"Fn::Sub": "arn:aws:iam::111122223333:role/shared"},
            ),
        ),
    ),
    one("E9714", "must be 1024", API, "TaskDefinition/Properties/Cpu", "2048"),
    one(
        "E9714",
        "must be X86_64",
        API,
        "TaskDefinition/Properties/RuntimePlatform/CpuArchitecture",
        "ARM64",
    ),
    one("E9714", "FRAUD_DETECTOR_URL", API, f"{CONTAINER}/Environment/0", NONE),
    one("E9714", "must be 120", API, f"{CONTAINER}/StopTimeout", 60),
    one("E9714", "as described, found 0", API, f"{CONTAINER}/User", "0"),
    one(
        "E9715",
        "is that of Services/ApiGateway/TaskDefinition ExecutionRoleArn",
        API,
        "TaskDefinition/Properties/TaskRoleArn",
        get_att("ExecutionRole", "Arn"),
    ),
    one(
        "E9716",
        "must be pinned by sha256:",
        API,
        f"{CONTAINER}/Image",
        {"Fn::Sub": "${AWS::AccountId}.dkr.ecr.us-east-1.amazonaws.com/payment-api-gateway-dev:1"},
    ),
    Defect(
        "E9716",
        "gateway/service-payment-processor.json",
        "must be pinned by sha256:",
        (
            (
                SERVICES,
                "PaymentProcessor/Properties/Parameters/ImageDigest",
                {"Ref": "FraudDetectorImageDigest"},
            ),
        ),
    ),
    one("E9716", "must come from", API, f"{CONTAINER}/Image", At(PAY, f"{CONTAINER}/Image")),
    one(
        "E9716",
        "must come from",
        "service-payment-api",
        f"{CONTAINER}/Image",
        At("service-fraud-detection", f"{CONTAINER}/Image"),
        "payments",
    ),
    one(
        "E9717",
        "is also the name of Services/ApiGateway/Service",
        FRAUD,
        "Service/Properties/ServiceName",
        At(API, "Service/Properties/ServiceName"),
    ),
    one(
        "E9717",
        "is also the name of Services/ApiGateway/LogGroup",
        PAY,
        "LogGroup/Properties/LogGroupName",
        At(API, "LogGroup/Properties/LogGroupName"),
    ),
    one("E9718", "the load balancer lets go after 30", API, f"{CONTAINER}/StopTimeout", 20),
    one("E9718", "callers know its address for 10", FRAUD, f"{CONTAINER}/StopTimeout", 5),
    one(
        "E9719",
        "must be payment-gateway-dev, found payment-gateway",
        SERVICES,
        "Cluster/Properties/ClusterName",
        "payment-gateway",
    ),
    one(
        "E9719",
        "must be payment-api-keys-dev or payment-db-credentials-dev, found no name",
        "security",
        "ApiKeysSecret/Properties/Name",
        NONE,
    ),
    # Scaling
    one(
        "E9721",
        "must be service/payment-gateway-dev/fraud-detector-dev",
        FRAUD,
        "ScalableTarget/Properties/ResourceId",
        At(API, "ScalableTarget/Properties/ResourceId"),
    ),
    one("E9721", "must be 10, found 100", FRAUD, "ScalableTarget/Properties/MaxCapacity", 100),
    one("E9722", "has 0 scaling policies by ECSServiceAverageC", FRAUD, "CpuScalingPolicy", NONE),
    one(
        "E9722",
        "must be 70 as described, found 99",
        FRAUD,
        f"CpuScalingPolicy/{TRACKING}/TargetValue",
        99,
    ),
    one(
        "E9722",
        "must be False, found True",
        FRAUD,
        f"CpuScalingPolicy/{TRACKING}/DisableScaleIn",
        True,
    ),
    one(
        "E9722",
        "must be the target of fraud-detector",
        FRAUD,
        "CpuScalingPolicy/Properties/ScalingTargetId",
        {"Ref": "LogGroup"},
    ),
    one(
        "E9723",
        "must be ${Services/LoadBalancer.LoadBalancerFullName}/${Services/Checkout/TargetGroup.",
        "service-checkout",
        f"RequestScalingPolicy/{TRACKING}/PredefinedMetricSpecification/ResourceLabel",
        {"Fn::Sub": "${LoadBalancerFullName}/${TargetGroup}"},
        "marketplace",
    ),
    # Discovery
    one("E9731", "must be payment.local", SERVICES, "Namespace/Properties/Name", "payments.local"),
    one("E9731", "must be true", "network", "Vpc/Properties/EnableDnsHostnames", False),
    one("E9732", "must be fraud-detector", FRAUD, "DiscoveryEntry/Properties/Name", "fraud"),
    one(
        "E9732",
        "must be of this system's namespace",
        FRAUD,
        "DiscoveryEntry/Properties/DnsConfig/NamespaceId",
        "ns-other",
    ),
    one(
        "E9732",
        "must be one A record",
        FRAUD,
        "DiscoveryEntry/Properties/DnsConfig/DnsRecords/0/Type",
        "SRV",
    ),
    one(
        "E9732",
        "must be MULTIVALUE",
        FRAUD,
        "DiscoveryEntry/Properties/DnsConfig/RoutingPolicy",
        "WEIGHTED",
    ),
    one("E9732", "is missing", FRAUD, "DiscoveryEntry/Properties/HealthCheckCustomConfig", NONE),
    one("E9733", "is registered by nobody", FRAUD, "Service/Properties/ServiceRegistries", []),
    one(
        "E9733",
        "is for no entry of fraud-detector",
        FRAUD,
        "Service/Properties/ServiceRegistries/0/RegistryArn",
        "arn:aws:servicediscovery:us-east-1:111122223333:service/srv-other",
    ),
    # Network
    one(
        "E9734",
        "lets in ports 8080-8090/tcp, which no rule lets out so",
        API,
        "IngressToFraudDetector/Properties/ToPort",
        8090,
    ),
    one(
        "E9734",
        "lets out ports 80-8080/tcp, which no rule lets in so",
        API,
        "EgressToFraudDetector/Properties/FromPort",
        80,
    ),
    # Edge
    one(
        "E9741",
        "must answer 404, found 200",
        SERVICES,
        "HttpsListener/Properties/DefaultActions/0/FixedResponseConfig/StatusCode",
        "200",
    ),
    one(
        "E9741",
        "must redirect for good",
        SERVICES,
        "HttpListener/Properties/DefaultActions/0/RedirectConfig/StatusCode",
        "HTTP_302",
    ),
    one(
        "E9741",
        "must keep what was asked for",
        SERVICES,
        "HttpListener/Properties/DefaultActions/0/RedirectConfig/Host",
        "example.com",
    ),
    one(
        "E9742",
        "must be ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
        SERVICES,
        "HttpsListener/Properties/SslPolicy",
        "ELBSecurityPolicy-TLS13-1-2-2021-06",
    ),
    one(
        "E9742",
        "must be the one that was given",
        SERVICES,
        "HttpsListener/Properties/Certificates/0/CertificateArn",
        {"Ref": "VpcId"},
    ),
    one(
        "E9743",
        "must have idle_timeout.timeout_seconds 60",
        SERVICES,
        "LoadBalancer/Properties/LoadBalancerAttributes/1/Value",
        "4000",
    ),
    one(
        "E9743",
        "lets requests that servers read differently through",
        SERVICES,
        "LoadBalancer/Properties/LoadBalancerAttributes/2/Value",
        "monitor",
    ),
    one(
        "E9743",
        "must be 30 seconds",
        API,
        "TargetGroup/Properties/TargetGroupAttributes/0/Value",
        "300",
    ),
    one("E9744", "must be 60", API, "Service/Properties/HealthCheckGracePeriodSeconds", 1),
    # Logs
    one(
        "E9751",
        "must be Services/FraudDetector/LogGroup",
        FRAUD,
        f"{CONTAINER}/LogConfiguration/Options/awslogs-group",
        "/ecs/payment-api-gateway-dev",
    ),
    one(
        "E9751",
        "must be the region that it runs in",
        FRAUD,
        f"{CONTAINER}/LogConfiguration/Options/awslogs-region",
        "eu-west-1",
    ),
    one(
        "E9751",
        "must log by awslogs",
        FRAUD,
        f"{CONTAINER}/LogConfiguration/LogDriver",
        "json-file",
    ),
    one("E9752", "LogRetentionDays, found 30", FRAUD, "LogGroup/Properties/RetentionInDays", 30),
    one("E9753", "must be a key of this", FRAUD, "LogGroup/Properties/KmsKeyId", NONE),
    one(
        "E9753",
        "is not in the description",
        "service-payment-api",
        "LogGroup/Properties/KmsKeyId",
        "arn:aws:kms:us-east-1:111122223333:key/other",
        "payments/development",
    ),
    # Records
    one(
        "E9754",
        "must have access_logs.s3.enabled true",
        SERVICES,
        "LoadBalancer/Properties/LoadBalancerAttributes/4/Value",
        "false",
    ),
    one(
        "E9754",
        "must have a bucket of this system for access_logs",
        SERVICES,
        "LoadBalancer/Properties/LoadBalancerAttributes/5/Value",
        "somewhere",
    ),
    one(
        "E9754",
        "must have two prefixes",
        SERVICES,
        "LoadBalancer/Properties/LoadBalancerAttributes/6/Value",
        At(SERVICES, "LoadBalancer/Properties/LoadBalancerAttributes/9/Value"),
    ),
    Defect(
        "E9755",
        "gateway/network.json",
        "has 0 flow logs, the description wants 1",
        (("monitoring", "FlowLog", NONE),),
    ),
    one("E9755", "must be ALL", "monitoring", "FlowLog/Properties/TrafficType", "ACCEPT"),
    one(
        "E9756",
        "must be true, found False",
        "monitoring",
        "LogBucket/Properties/PublicAccessBlockConfiguration/BlockPublicPolicy",
        False,
    ),
    one(
        "E9756",
        "must be AES256",
        "monitoring",
        "LogBucket/Properties/BucketEncryption/ServerSideEncryptionConfiguration/0/"
        "ServerSideEncryptionByDefault/SSEAlgorithm",
        "aws:kms",
    ),
    one("E9756", "BucketOwner", "monitoring", "LogBucket/Properties/OwnershipControls", NONE),
    one(
        "E9756",
        "must expire after 400 days",
        "monitoring",
        "LogBucket/Properties/LifecycleConfiguration/Rules/0/ExpirationInDays",
        30,
    ),
    one(
        "E9757", "must wait for Monitoring/LogBucketPolicy", "monitoring", "FlowLog/DependsOn", NONE
    ),
    Defect(
        "E9757",
        "gateway/monitoring.json",
        "has no policy that lets Services/LoadBalancer write",
        (
            ("monitoring", "LogBucketPolicy", NONE),
            ("monitoring", "FlowLog/DependsOn", NONE),
        ),
    ),
    Defect(
        "E9757",
        "gateway/services.json",
        "must wait for Other",
        (
            (
                "parent",
                "Other",
                {
                    "Type": "AWS::S3::BucketPolicy",
                    "Properties": {"Bucket": get_att("Monitoring", "Outputs.LogBucketName")},
                },
            ),
        ),
    ),
    # Secrets
    one(
        "E9761",
        "FRAUD_DETECTION_KEY must be",
        FRAUD,
        f"{CONTAINER}/Secrets/0/ValueFrom",
        {"Fn::Sub": "${ApiKeysSecretArn}:fraud_key::"},
    ),
    one("E9761", "DB_HOST must be", PAY, f"{CONTAINER}/Secrets/0", NONE),
    one(
        "E9761",
        "MORE must be None",
        FRAUD,
        f"{CONTAINER}/Secrets/1",
        {"Name": "MORE", "ValueFrom": {"Ref": "ApiKeysSecretArn"}},
    ),
    one(
        "E9762",
        "looks like a credential",
        FRAUD,
        "TaskRole/Properties/Description",
        "postgres://app:hunter2@db/payments",
    ),
    Defect(
        "E9762",
        "gateway/service-fraud-detector.json",
        "ImageDigest looks like a credential",
        (
            (
                SERVICES,
                "FraudDetector/Properties/Parameters/ImageDigest",
                f"AKIA{'ABCD' * 4}",
            ),
        ),
    ),
    one(
        "E9763",
        "must have a SecretStringTemplate of JSON",
        "security",
        "ApiKeysSecret/Properties/GenerateSecretString",
        {"PasswordLength": 32},
    ),
    # Repositories
    one(
        "E9776",
        "must be false, found True",
        "registry",
        "ApiGatewayRepository/Properties/EmptyOnDelete",
        True,
    ),
    one(
        "E9776",
        "keeps 10 tagged images, not 500",
        "registry",
        "ApiGatewayRepository/Properties/LifecyclePolicy/LifecyclePolicyText",
        '{"rules": [{"selection": {"tagStatus": "tagged", "countType": "imageCountMoreThan",'
        ' "countNumber": 10}}]}',
    ),
    one(
        "E9776",
        "expires images that may run: any",
        "registry",
        "ApiGatewayRepository/Properties/LifecyclePolicy/LifecyclePolicyText",
        '{"rules": [{"selection": {"tagStatus": "any", "countNumber": 10}}]}',
    ),
    one(
        "E9776",
        "must be rules in JSON",
        "registry",
        "ApiGatewayRepository/Properties/LifecyclePolicy",
        NONE,
    ),
    # What stays, and tags
    one(
        "E9771",
        "must have the DeletionPolicy Delete",
        "security",
        "LogKey/DeletionPolicy",
        "Retain",
        "gateway/development",
    ),
    one(
        "E9771",
        "must have the UpdateReplacePolicy Retain",
        "service-payment-api",
        "LogGroup/UpdateReplacePolicy",
        "Delete",
        "payments",
    ),
    one(
        "E9772",
        "must have the UpdateReplacePolicy",
        FRAUD,
        "TaskDefinition/UpdateReplacePolicy",
        NONE,
    ),
    Defect(
        "E9773",
        "payments/network.json",
        "must have the tags",
        (("parent", "Network/Properties/Tags/0", NONE),),
        "payments",
    ),
    one("E9774", "must have the tag Name", "network", "PrivateSubnetA/Properties/Tags", []),
    one(
        "E9774",
        "is also the Name of Network/P",
        "network",
        "PrivateSubnetB/Properties/Tags",
        At("network", "PrivateSubnetA/Properties/Tags"),
    ),
    one("E9775", "must be SERVICE", FRAUD, "Service/Properties/PropagateTags", "TASK_DEFINITION"),
    one("E9775", "must be true", FRAUD, "Service/Properties/EnableECSManagedTags", False),
    # Order
    Defect(
        "E9791",
        "payments/service-payment-api.json",
        "FARGATE_SPOT is not offered",
        ((SERVICES, "CapacityProviders/Properties/CapacityProviders/1", NONE),),
        "payments",
    ),
    Defect(
        "E9791",
        f"gateway/{API}.json",
        "must wait for Services/CapacityProviders",
        ((SERVICES, "ApiGateway/DependsOn", NONE),),
    ),
    one(
        "E9792",
        "must wait for EgressToFraudDetector",
        API,
        "Service/DependsOn",
        ["ListenerRule100"],
    ),
    one("E9793", "must wait for Service", FRAUD, "ScalableTarget/DependsOn", NONE),
    one("E9794", "must wait for Services/FraudDetector/Late", FRAUD, "Late", _ROLE_POLICY),
    one(
        "E9795",
        "must be {'FARGATE': (2, 1), 'FARGATE_SPOT': (0, 1)}",
        "service-payment-api",
        "Service/Properties/CapacityProviderStrategy/0",
        NONE,
        "payments",
    ),
    one(
        "E9795",
        "must be of this system's cluster",
        SERVICES,
        "CapacityProviders/Properties/Cluster",
        "other",
    ),
    one(
        "E9796",
        "must be 100",
        FRAUD,
        "Service/Properties/DeploymentConfiguration/MinimumHealthyPercent",
        50,
    ),
    one(
        "E9796",
        "must be 200",
        FRAUD,
        "Service/Properties/DeploymentConfiguration/MaximumPercent",
        150,
    ),
    one("E9796", "ENABLED", FRAUD, "Service/Properties/AvailabilityZoneRebalancing", NONE),
]

OUTPUTS: list[tuple[str, Any, str]] = [
    # An output of gateway's parent, what it gives instead, what is said
    (
        "VpcId",
        get_att("Network", "Outputs.PrivateSubnetIds"),
        "the output VpcId must be ${Network/",
    ),
    ("AlbDnsName", get_att("Services", "Outputs.EcsClusterName"), "the output AlbDnsName must be"),
    ("RegistryUri", get_att("Network", "Outputs.VpcId"), "the output RegistryUri must be"),
    (
        "ApiGatewayServiceName",
        get_att("Services", "Outputs.FraudDetectorServiceName"),
        "must be api-gateway-dev, found fraud-detector-dev",
    ),
]
