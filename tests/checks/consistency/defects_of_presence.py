"""Defects of what is there, of values of another kind, of names, outputs, tags and removal."""

from typing import Any

from tests.checks.consistency.defects import (
    API,
    AWSVPC,
    EDGE,
    FRAUD,
    NONE,
    PARENT,
    ROLES,
    SERVICES,
    At,
    Defect,
    get_att,
    one,
)

_EXTRA_GROUP = {
    "Type": "AWS::EC2::SecurityGroup",
    "Properties": {
        "GroupDescription": "Forgotten",
        "VpcId": {"Ref": "VpcId"},
        "Tags": [{"Key": "Name", "Value": "forgotten"}],
    },
}

_EXTRA_LOGS = {
    "Type": "AWS::Logs::LogGroup",
    "Properties": {"LogGroupName": {"Fn::Sub": "/ecs/forgotten-${EnvironmentSuffix}"}},
}
"""It has a name, which stands in itself alone."""

PRESENCE = [
    # What is there
    one("E9700", "there is no resource", API, "Service/Properties/Cluster", get_att("No", "Arn")),
    Defect(
        "E9701",
        "gateway/parent.json",
        "has no stack for the service api-gateway",
        (
            (PARENT, "GatewayService", At(PARENT, "ApiGatewayService")),
            (PARENT, "ApiGatewayService", NONE),
            ("parent!Outputs", "ApiGatewayServiceName/Value", "none"),
        ),
    ),
    Defect(
        "E9701",
        "gateway/service-api-gateway.json",
        "has 3 of AWS::IAM::Role",
        ((API, "AnotherRole", At(ROLES, "ApiGatewayTaskRole")),),
    ),
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
    one("E9703", "is referred to by nobody", SERVICES, "Forgotten", _EXTRA_LOGS),
    Defect(
        "E9703",
        "gateway/network.json",
        "is referred to by nobody",
        (("network", "Spare", At("network", "PrivateRouteTableA")),),
    ),
    # Values of another kind
    one(
        "E9704",
        "must identify a resource of AWS::EC2::SecurityGroup, found ${PrivateSubnetA}",
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
                PARENT,
                "ApiGatewayService/Properties/Parameters/LoadBalancerSecurityGroupId",
                {"Ref": "Vpc"},
            ),
        ),
    ),
    Defect(
        "E9704",
        "gateway/roles.json",
        "must identify a resource of AWS::KMS::Key",
        (
            (
                PARENT,
                "Roles/Properties/Parameters/LogKeyArn",
                get_att("Security", "Outputs.ApiKeysSecretArn"),
            ),
        ),
    ),
    Defect(
        "E9704",
        "gateway/service-fraud-detector.json",
        "must identify a resource of AWS::IAM::Role",
        (("roles!Outputs", "FraudDetectorTaskRoleArn/Value", {"Ref": "FraudDetectorTaskRole"}),),
    ),
    one(
        "E9704",
        "must identify a resource of AWS::ElasticLoadBalancingV2::LoadBalancer",
        EDGE,
        "HttpsListener/Properties/LoadBalancerArn",
        get_att("LoadBalancer", "DNSName"),
    ),
    # Images that are missing
    Defect(
        "E9705",
        "gateway/service-fraud-detector.json",
        "is there while the image of FraudDetectorService is not known",
        ((PARENT, "FraudDetectorService/Condition", NONE),),
    ),
    Defect(
        "E9705",
        "gateway/service-fraud-detector.json",
        "is there while the image of FraudDetectorService is not known",
        (
            (
                "parent!Conditions",
                "FraudDetectorImageIsKnown",
                {"Fn::Not": [{"Fn::Equals": [{"Ref": "EnvironmentSuffix"}, ""]}]},
            ),
        ),
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
        "must be true, found False",
        "registry",
        "ApiGatewayRepository/Properties/ImageScanningConfiguration/ScanOnPush",
        False,
    ),
    one(
        "E9776",
        "must be IMMUTABLE, found None",
        "registry",
        "ApiGatewayRepository/Properties/ImageTagMutability",
        NONE,
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
        ROLES,
        "PaymentApiLogGroup/UpdateReplacePolicy",
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
    one("E9773", "must have the tags", "parent", "Vpc/Properties/Tags/1/Value", "", "payments"),
    one("E9773", "must have the tags", "parent", "Vpc/Properties/Tags", NONE, "payments"),
    one("E9774", "must have the tag Name", "parent", "PrivateSubnetA/Properties/Tags", []),
    one(
        "E9774",
        "is also the Name of P",
        "parent",
        "PrivateSubnetB/Properties/Tags",
        At("parent", "PrivateSubnetA/Properties/Tags"),
    ),
    one("E9775", "must be SERVICE", FRAUD, "Service/Properties/PropagateTags", "TASK_DEFINITION"),
    one("E9775", "must be true", FRAUD, "Service/Properties/EnableECSManagedTags", False),
]

OUTPUTS: list[tuple[str, Any, str]] = [
    # An output of gateway's parent, what it gives instead, what is said
    (
        "VpcId",
        {"Ref": "PrivateSubnetA"},
        "the output VpcId must be ${Vpc}",
    ),
    ("AlbDnsName", get_att("Services", "Outputs.EcsClusterName"), "the output AlbDnsName must be"),
    ("RegistryUri", {"Ref": "Vpc"}, "the output RegistryUri must be"),
    (
        "ApiGatewayServiceName",
        get_att("FraudDetectorService", "Outputs.ServiceName"),
        "must be api-gateway-dev, found fraud-detector-dev",
    ),
]
