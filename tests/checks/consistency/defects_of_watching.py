"""Defects of alarms, of the web ACL and of keys."""

from tests.checks.consistency.defects import (
    FRAUD,
    NONE,
    SERVICES,
    Defect,
    get_att,
    one,
)

SECURITY, REGISTRY = "security", "registry"
RULES = "WebAcl/Properties/Rules"

WATCHING = [
    # Web ACL
    Defect(
        "E9758",
        "gateway/services.json",
        "must have a web ACL of this system before it",
        ((SERVICES, "WebAclAssociation", NONE),),
    ),
    one(
        "E9758",
        "must have AWSManagedRulesAmazonIpReputationList",
        SERVICES,
        f"{RULES}/1",
        NONE,
    ),
    one(
        "E9758",
        "only counts what AWSManagedRulesAmazonIpReputationList finds",
        SERVICES,
        f"{RULES}/1/OverrideAction",
        {"Count": {}},
    ),
    one(
        "E9758",
        "must refuse more than 2000 requests, found ['20000']",
        SERVICES,
        f"{RULES}/0/Statement/RateBasedStatement/Limit",
        20000,
    ),
    one("E9758", "must refuse more than", SERVICES, f"{RULES}/0/Action", {"Count": {}}),
    one(
        "E9758",
        "counts requests of 60 seconds",
        SERVICES,
        f"{RULES}/0/Statement/RateBasedStatement/EvaluationWindowSec",
        60,
    ),
    one(
        "E9759",
        "must keep no samples of LimitRates",
        SERVICES,
        f"{RULES}/0/VisibilityConfig/SampledRequestsEnabled",
        True,
    ),
    one(
        "E9759",
        "must count what it finds",
        SERVICES,
        "WebAcl/Properties/VisibilityConfig/CloudWatchMetricsEnabled",
        False,
    ),
    one("E9758", "must be REGIONAL", SERVICES, "WebAcl/Properties/Scope", "CLOUDFRONT"),
    Defect(
        "E9759",
        "gateway/services.json",
        "must have one logging configuration, found 0",
        ((SERVICES, "WebAclLogging", NONE),),
    ),
    one(
        "E9759",
        "must be a log group of this system",
        SERVICES,
        "WebAclLogging/Properties/LogDestinationConfigs/0",
        "arn:aws:logs:us-east-1:111122223333:log-group:aws-waf-logs-other",
    ),
    one(
        "E9759",
        "must begin with aws-waf-logs-",
        SERVICES,
        "WebAclLogGroup/Properties/LogGroupName",
        "waf-logs",
    ),
    one("E9759", "must leave out", SERVICES, "WebAclLogging/Properties/RedactedFields/0", NONE),
    one("E9759", "must wait for WebAclLogPolicy", SERVICES, "WebAclLogging/DependsOn", NONE),
    # Keys
    one("E9753", "must be a key of this", FRAUD, "LogGroup/Properties/KmsKeyId", NONE),
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
        "service-tokenizer",
        "LogGroup/Properties/KmsKeyId",
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
