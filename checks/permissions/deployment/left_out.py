"""What the schemas of resource types say that their handlers may call, and ours never do."""

from typing import Final

from checks.permissions.patterns import matches_action

LEFT_OUT: Final = {
    "amplify:*": "a web ACL is for the load balancer",
    "apigateway:*": "a web ACL is for the load balancer",
    "apprunner:*": "a web ACL is for the load balancer",
    "appsync:*": "a web ACL is for the load balancer",
    "bedrock-agentcore:*": "a web ACL is for the load balancer",
    "cloudwatch:GetMetricData": "for predictive scaling, which no service has",
    "cognito-idp:*": "no listener asks who it is, and a web ACL is for the load balancer",
    "ec2:*PrivateNatGatewayAddress": "NAT gateways are public",
    "ec2:*SubnetCidrBlock": "subnets have no IPv6 ranges",
    "ec2:*VerifiedAccess*": "a web ACL is for the load balancer",
    "ec2:*VpnGateway": "the VPC has an internet gateway only",
    "ec2:AcceptAddressTransfer": "no address is taken over from somebody",
    "ec2:CreateVpcEncryptionControl": "the VPC has none",
    "ec2:ModifyVpcTenancy": "the VPC has the default one",
    "ecs:PutAccountSetting*": "they would be the whole account's",
    "elasticloadbalancing:*CapacityReservation": "the load balancer reserves none",
    "elasticloadbalancing:ModifyIpPools": "the load balancer has none",
    "elasticloadbalancing:SetWebACL": "for the former AWS WAF",
    "firehose:*": "no log goes there",
    "iam:*RolePermissionsBoundary": "roles have none; one of the organisation is not to be lifted",
    "iam:AttachRolePolicy": "roles have policies of their own; AdministratorAccess is none of them",
    "iam:DescribeOrganization": "IAM knows no such action",
    "iam:DetachRolePolicy": "roles have policies of their own",
    "lambda:*ProvisionedConcurrencyConfig": "what scales are services of ECS",
    "logs:*BearerTokenAuthentication": "log groups have none",
    "logs:*LogGroupDeletionProtection": "log groups stay by their DeletionPolicy",
    "logs:DeleteDataProtectionPolicy": "log groups have none",
    "logs:DeleteIndexPolicy": "log groups have none",
    "logs:PutDataProtectionPolicy": "log groups have none",
    "logs:PutIndexPolicy": "log groups have none",
    "payments:*": "the web ACL charges nobody",
    "s3:*MetadataAnnotationTableConfiguration": "the bucket has none",
    "s3:*MetadataInventoryTableConfiguration": "the bucket has none",
    "s3:*MetadataJournalTableConfiguration": "the bucket has none",
    "s3:CreateBucketMetadataTableConfiguration": "the bucket has none",
    "s3:DeleteBucket?*": "the bucket's properties are set, never taken away",
    "s3:DeleteObject": "who deploys does not delete logs",
    "s3:PutAccelerateConfiguration": "the bucket has none",
    "s3:PutAnalyticsConfiguration": "the bucket has none",
    "s3:PutBucketAbac": "the bucket has none",
    "s3:PutBucketAcl": "the bucket's owner owns all that is in it",
    "s3:PutBucketCORS": "the bucket has none",
    "s3:PutBucketLogging": "the bucket is where logs are",
    "s3:PutBucketNotification": "the bucket has none",
    "s3:PutBucketObjectLockConfiguration": "the bucket has none",
    "s3:PutBucketReplication": "the bucket has none",
    "s3:PutBucketWebsite": "the bucket is no website",
    "s3:PutIntelligentTieringConfiguration": "the bucket has none",
    "s3:PutInventoryConfiguration": "the bucket has none",
    "s3:PutMetricsConfiguration": "the bucket has none",
    "s3:PutObjectAcl": "the bucket's owner owns all that is in it",
    "s3:PutObjectLockConfiguration": "the bucket has none",
    "s3:PutReplicationConfiguration": "the bucket has none",
    "s3:REST.PUT.OBJECT": "IAM knows no such action",
    "s3tables:*": "the bucket has none",
    "secretsmanager:*Regions*": "secrets are in one region",
    "vpc-lattice:*": "endpoints are for services of AWS",
    "vpce:*": "endpoints are for services of this region",
    "wafv2:*PermissionPolicy": "for rule groups that accounts share",
}
"""Pattern of actions, and why nothing of ours needs them."""

LEFT_OUT_OF: Final = {
    "AWS::Logs::LogGroup": {
        "logs:CreateLogDelivery": "log groups deliver nowhere",
        "logs:DeleteResourcePolicy": "log groups have none",
        "logs:PutResourcePolicy": "log groups have none; it would be for the whole account",
    },
    "AWS::ApplicationAutoScaling::ScalableTarget": {
        "iam:PassRole": "it uses the role that is linked to the service",
    },
    "AWS::EC2::FlowLog": {"iam:PassRole": "flow logs go to a bucket, which needs no role"},
    "AWS::ECS::Service": {"iam:PassRole": "it uses the role that is linked to the service"},
    "AWS::S3::Bucket": {"iam:PassRole": "for replication, which the bucket has none of"},
    "AWS::SecretsManager::RotationSchedule": {"iam:PassRole": "the function has its role already"},
    "AWS::SNS::Subscription": {"iam:PassRole": "for Firehose"},
    "AWS::SNS::Topic": {
        "iam:PassRole": "for the feedback of deliveries, which the topic has none of"
    },
}
"""Type to pattern of actions, and why resources of this type do not need them."""

NEEDED: Final = {"s3:DeleteBucketPolicy"}
"""Actions that are needed though a pattern of ``LEFT_OUT`` has them."""


def is_left_out(action: str, kind: str) -> bool:
    """Return whether no resource of the type ``kind`` needs an action."""
    patterns = {**LEFT_OUT, **LEFT_OUT_OF.get(kind, {})}
    return action not in NEEDED and any(matches_action(one, action) for one in patterns)
