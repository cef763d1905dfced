"""Defects of alarms, of the web ACL and of keys."""

from checks.rendering import Node
from tests.checks.consistency.defects import (
    API,
    CONTAINER,
    FRAUD,
    NONE,
    PARENT,
    ROLES,
    SERVICES,
    WEB_ACL,
    At,
    Defect,
    get_att,
    one,
)

SECURITY, REGISTRY = "security", "registry"
RULES = "WebAcl/Properties/Rules"
LIMIT = "0/Statement/RateBasedStatement"
COMMON = "3/Statement/ManagedRuleGroupStatement"
IN_ANTARCTICA = {"GeoMatchStatement": {"CountryCodes": ["AQ"]}}


def overridden(action: str) -> Node:
    """Another action for one rule of a managed group."""
    return {"Name": "CrossSiteScripting_BODY", "ActionToUse": {action: {}}}


WATCHING = [
    # Alarms
    Defect(
        "E9782",
        "gateway/security.json",
        "must tell AlarmEmail by e-mail",
        (("security", "AlarmEmailSubscription", NONE),),
    ),
    Defect(
        "E9782",
        "gateway/security.json",
        "and nobody else",
        (
            (
                "security",
                "Stranger",
                {
                    "Type": "AWS::SNS::Subscription",
                    "Properties": {
                        "TopicArn": {"Ref": "AlarmTopic"},
                        "Protocol": "https",
                        "Endpoint": "https://example.net",
                    },
                },
            ),
        ),
    ),
    one(
        "E9782",
        "and nobody else",
        "security",
        "AlarmTopic/Properties/Subscription",
        [{"Protocol": "https", "Endpoint": "https://example.net"}],
    ),
    one("E9782", "must tell those whom AlarmActions", API, "ErrorsAlarm/Properties/OKActions", []),
    one(
        "E9783",
        "ServiceName names nothing of this system",
        FRAUD,
        "CpuAlarm/Properties/Dimensions/1/Value",
        "fraud-detector",
    ),
    one(
        "E9783",
        "ClusterName names nothing of this system",
        FRAUD,
        "CpuAlarm/Properties/Dimensions/0/Value",
        "default",
    ),
    one(
        "E9783",
        "TargetGroup names nothing of this system",
        API,
        "ErrorsAlarm/Properties/Dimensions/1/Value",
        {"Ref": "TargetGroup"},
    ),
    one(
        "E9783",
        "is over ApiGatewayService/Service, another service's",
        FRAUD,
        "CpuAlarm/Properties/Dimensions/1/Value",
        At(API, "CpuAlarm/Properties/Dimensions/1/Value"),
    ),
    one(
        "E9784",
        "AWS/ECS has no CPUUtilisation of ClusterName, ServiceName",
        FRAUD,
        "CpuAlarm/Properties/MetricName",
        "CPUUtilisation",
    ),
    one(
        "E9784",
        "has no HTTPCode_Target_5XX_Count of TargetGroup",
        API,
        "ErrorsAlarm/Properties/Dimensions/0",
        NONE,
    ),
    one("E9784", "has no RunningTask", FRAUD, "TasksAlarm/Properties/Namespace", "AWS/ECS"),
    Defect(
        "E9784",
        f"gateway/{FRAUD}.json",
        "is there only while the cluster's containerInsights are enabled",
        ((SERVICES, "Cluster/Properties/ClusterSettings", []),),
    ),
    Defect(
        "E9785",
        f"gateway/{FRAUD}.json",
        "has no alarm over CPUUtilization",
        ((FRAUD, "CpuAlarm", NONE),),
    ),
    Defect(
        "E9785",
        "gateway/parent.json",
        "has no alarm over HTTPCode_ELB_5XX_Count",
        ((PARENT, "LoadBalancerErrorsAlarm", NONE),),
    ),
    Defect(
        "E9785",
        "gateway/network.json",
        "has no alarm over PacketsDropCount",
        ((PARENT, "NatGatewayADropsAlarm", NONE),),
    ),
    one(
        "E9786",
        "must name an alarm, with Enable and Rollback",
        API,
        "Service/Properties/DeploymentConfiguration/Alarms/Rollback",
        False,
    ),
    one(
        "E9786",
        "must name an alarm, with Enable and Rollback",
        API,
        "Service/Properties/DeploymentConfiguration/Alarms",
        NONE,
    ),
    one(
        "E9786",
        "names no alarm of its own: ['other']",
        API,
        "Service/Properties/DeploymentConfiguration/Alarms/AlarmNames",
        ["other"],
    ),
    one("E9787", "must be 2, found 0", FRAUD, "TasksAlarm/Properties/Threshold", 0),
    one(
        "E9787",
        "must be GreaterThanThreshold",
        API,
        "ErrorsAlarm/Properties/ComparisonOperator",
        "LessThanThreshold",
    ),
    one("E9787", "must be above 70 and below 100", FRAUD, "CpuAlarm/Properties/Threshold", 50),
    one("E9787", "must be breaching", FRAUD, "TasksAlarm/Properties/TreatMissingData", "ignore"),
    one("E9787", "must be 5 or less", API, "ErrorsAlarm/Properties/DatapointsToAlarm", 6),
    # Web ACL
    Defect(
        "E9758",
        "gateway/parent.json",
        "must have a web ACL of this system before it",
        ((PARENT, "WebAclAssociation", NONE),),
    ),
    one("E9758", "must be AWSManagedRulesAmazonIpReputationList", WEB_ACL, f"{RULES}/1", NONE),
    one("E9758", "must be AWSManagedRulesSQLiRuleSet at 4", WEB_ACL, f"{RULES}/4", NONE),
    *(
        one("E9758", message, WEB_ACL, f"{RULES}/{path}", value)
        for message, path, value in (
            ("IpReputationList at 1: ", "1/OverrideAction", {"Count": {}}),
            ("the limit of requests at 0: ", f"{LIMIT}/Limit", 20000),
            ("the limit of requests", f"{LIMIT}/EvaluationWindowSec", 60),
            ("the limit of requests", f"{LIMIT}/AggregateKeyType", "CONSTANT"),
            ("the limit of requests", f"{LIMIT}/ScopeDownStatement", IN_ANTARCTICA),
            ("the limit of requests", "0/Action", {"Count": {}}),
            ("the limit of requests", "0/Priority", 9),
            ("CommonRuleSet at 3", f"{COMMON}/ScopeDownStatement", IN_ANTARCTICA),
            ("CommonRuleSet at 3", f"{COMMON}/ExcludedRules", [{"Name": "NoUserAgent_HEADER"}]),
            ("CommonRuleSet at 3", f"{COMMON}/Version", "Version_1.0"),
            ("CommonRuleSet at 3", f"{COMMON}/RuleActionOverrides", [overridden("Allow")]),
            ("CommonRuleSet at 3", f"{COMMON}/RuleActionOverrides", [overridden("Count")]),
            (
                "is not in the description",
                "5",
                {
                    "Name": "Friends",
                    "Priority": -1,
                    "Statement": IN_ANTARCTICA,
                    "Action": {"Allow": {}},
                },
            ),
        )
    ),
    one(
        "E9758",
        "must let through what no rule refuses",
        WEB_ACL,
        "WebAcl/Properties/DefaultAction",
        {"Block": {}},
    ),
    one("E9758", "has TokenDomains", WEB_ACL, "WebAcl/Properties/TokenDomains", ["example.com"]),
    one(
        "E9759",
        "has LoggingFilter",
        WEB_ACL,
        "WebAclLogging/Properties/LoggingFilter",
        {"DefaultBehavior": "DROP", "Filters": []},
    ),
    one(
        "E9759",
        "must keep no samples of LimitRates",
        WEB_ACL,
        f"{RULES}/0/VisibilityConfig/SampledRequestsEnabled",
        True,
    ),
    one(
        "E9759",
        "must count what it finds",
        WEB_ACL,
        "WebAcl/Properties/VisibilityConfig/CloudWatchMetricsEnabled",
        False,
    ),
    one("E9758", "must be REGIONAL", WEB_ACL, "WebAcl/Properties/Scope", "CLOUDFRONT"),
    Defect(
        "E9759",
        "gateway/web-acl.json",
        "must have one logging configuration, found 0",
        ((WEB_ACL, "WebAclLogging", NONE),),
    ),
    one(
        "E9759",
        "must be a log group of this system",
        WEB_ACL,
        "WebAclLogging/Properties/LogDestinationConfigs/0",
        "arn:aws:logs:us-east-1:111122223333:log-group:aws-waf-logs-other",
    ),
    one(
        "E9759",
        "must begin with aws-waf-logs-",
        WEB_ACL,
        "WebAclLogGroup/Properties/LogGroupName",
        "waf-logs",
    ),
    one("E9759", "must leave out", WEB_ACL, "WebAclLogging/Properties/RedactedFields/0", NONE),
    one(
        "E9759",
        "must show body nowhere",
        WEB_ACL,
        "WebAcl/Properties/DataProtectionConfig/DataProtections/1",
        NONE,
    ),
    one(
        "E9759",
        "must show cookie nowhere",
        WEB_ACL,
        "WebAcl/Properties/DataProtectionConfig/DataProtections/0/Field/FieldKeys/1",
        "date",
    ),
    one(
        "E9759",
        "must show authorization, cookie, x-api-key nowhere",
        WEB_ACL,
        "WebAcl/Properties/DataProtectionConfig/DataProtections/0/ExcludeRuleMatchDetails",
        True,
    ),
    one("E9759", "must wait for WebAclLogPolicy", WEB_ACL, "WebAclLogging/DependsOn", NONE),
    # What was added
    *(
        one("E9706", "is a property that no template of ours has", file, f"{path}", value)
        for file, path, value in (
            (SECURITY, "ApiKeysSecret/Properties/ReplicaRegions", [{"Region": "eu-west-1"}]),
            (SECURITY, "LogKey/Properties/RotationPeriodInDays", 2560),
            (ROLES, "FraudDetectorLogGroup/Properties/DataProtectionPolicy", {"Name": "hide"}),
            (FRAUD, f"{CONTAINER}/Secrets/0/Value", "x"),
            (WEB_ACL, f"{RULES}/0/RuleLabels", [{"Name": "seen"}]),
            ("parent", "LogBucket/Properties/InventoryConfigurations", []),
            ("security", "AlarmTopic/Properties/Subscription", []),
        )
    ),
    Defect(
        "E9706",
        "gateway/parent.json",
        "is of a type that no template of ours has: AWS::EC2::VPCPeeringConnection",
        (
            (
                "parent",
                "Peering",
                {
                    "Type": "AWS::EC2::VPCPeeringConnection",
                    "Properties": {"VpcId": {"Ref": "Vpc"}, "PeerVpcId": "vpc-1"},
                },
            ),
        ),
    ),
    # Keys
    one("E9753", "must be a key of this", ROLES, "FraudDetectorLogGroup/Properties/KmsKeyId", NONE),
    one("E9753", "must be a key of", SECURITY, "ApiKeysSecret/Properties/KmsKeyId", NONE),
    one(
        "E9753",
        "is not as described: AES256",
        REGISTRY,
        "ApiGatewayRepository/Properties/EncryptionConfiguration/EncryptionType",
        "AES256",
    ),
    one(
        "E9753",
        "is not in the description",
        ROLES,
        "TokenizerLogGroup/Properties/KmsKeyId",
        "arn:aws:kms:us-east-1:111122223333:key/other",
        "enclave",
    ),
    one(
        "E9764",
        "has the key of",
        SECURITY,
        "ApiKeysSecret/Properties/KmsKeyId",
        get_att("LogKey", "Arn"),
    ),
]
