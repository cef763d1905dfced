"""Defects of network, edge, logs, records and secrets."""

from tests.checks.consistency.defects import (
    API,
    CONTAINER,
    FRAUD,
    NONE,
    PAY,
    SERVICES,
    At,
    Defect,
    get_att,
    one,
)

SURROUNDINGS = [
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
    one("E9755", "must have the fields action", "monitoring", "FlowLog/Properties/LogFormat", ""),
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
        "E9756",
        "and former versions 30 later",
        "monitoring",
        "LogBucket/Properties/LifecycleConfiguration/Rules/0/NoncurrentVersionExpiration",
        NONE,
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
    one("E9765", "has 0 schedules", "security", "LedgerDatabaseRotation", NONE, "marketplace"),
    Defect(
        "E9765",
        "marketplace/security.json",
        "has 2 schedules",
        (("security", "More", At("security", "LedgerDatabaseRotation")),),
        "marketplace",
    ),
    Defect(
        "E9765",
        "gateway/security.json",
        "has 1 schedules of rotation, described: 0",
        (
            (
                "security",
                "More",
                {
                    "Type": "AWS::SecretsManager::RotationSchedule",
                    "Properties": {"SecretId": {"Ref": "ApiKeysSecret"}},
                },
            ),
        ),
    ),
    one(
        "E9765",
        "must have the RotationLambdaARN",
        "security",
        "LedgerDatabaseRotation/Properties/RotationLambdaARN",
        {"Fn::Sub": "arn:aws:lambda:us-east-1:${AWS::AccountId}:function:rotate-ledger"},
        "marketplace",
    ),
    one(
        "E9765",
        "must have the AutomaticallyAfterDays 30, found 300",
        "security",
        "LedgerDatabaseRotation/Properties/RotationRules/AutomaticallyAfterDays",
        300,
        "marketplace",
    ),
    one(
        "E9765",
        "must have the RotateImmediatelyOnUpdate false, found None",
        "security",
        "LedgerDatabaseRotation/Properties/RotateImmediatelyOnUpdate",
        NONE,
        "marketplace",
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
]
