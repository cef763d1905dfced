"""Types of the other services that ministack does itself."""

from localaws.resources.registry import ResourceType

TYPES = [
    ResourceType("AWS::CloudFormation::WaitConditionHandle", "", tags=""),
    ResourceType(
        "AWS::KMS::Key",
        """
        Description EnableKeyRotation Enabled KeyPolicy KeySpec KeyUsage MultiRegion
        PendingWindowInDays RotationPeriodInDays
        """,
    ),
    ResourceType("AWS::KMS::Alias", "AliasName TargetKeyId", tags=""),
    ResourceType(
        "AWS::ECR::Repository",
        """
        EmptyOnDelete EncryptionConfiguration.EncryptionType EncryptionConfiguration.KmsKey
        ImageScanningConfiguration.ScanOnPush ImageTagMutability
        LifecyclePolicy.LifecyclePolicyText RepositoryName RepositoryPolicyText
        """,
    ),
    ResourceType(
        "AWS::IAM::ManagedPolicy", "Description ManagedPolicyName Path PolicyDocument", tags=""
    ),
    ResourceType(
        "AWS::IAM::Role",
        """
        AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration Path
        Policies.PolicyDocument Policies.PolicyName RoleName
        """,
    ),
    ResourceType("AWS::Logs::LogGroup", "KmsKeyId LogGroupClass LogGroupName RetentionInDays"),
    ResourceType("AWS::Logs::ResourcePolicy", "PolicyDocument PolicyName", tags=""),
    ResourceType(
        "AWS::ServiceDiscovery::PrivateDnsNamespace",
        "Description Name Properties.DnsProperties.SOA.TTL Vpc",
    ),
    ResourceType(
        "AWS::ServiceDiscovery::Service",
        """
        Description DnsConfig.DnsRecords.TTL DnsConfig.DnsRecords.Type DnsConfig.NamespaceId
        DnsConfig.RoutingPolicy HealthCheckCustomConfig.FailureThreshold Name NamespaceId
        """,
    ),
]
