"""The kinds of values that cross the edges between stacks: what each one identifies."""

from templates.edges import Value, ValueList


class Text(Value):
    """A string that people read."""


class EnvironmentSuffix(Text):
    """What the names of one environment's resources end with."""


class Days(Value):
    """A number of days."""

    parameter_type = "Number"


class AccountId(Value):
    """An AWS account."""


class ZoneIds(Value):
    """Availability zones by id, comma-separated: ``use1-az1,use1-az2``. Empty: none are given."""


class VpcId(Value):
    """A VPC."""


class SubnetIds(ValueList):
    """Subnets, one in each zone."""


class SubnetId(Value):
    """A subnet."""


class SecurityGroupId(Value):
    """A security group."""


class KeyArn(Value):
    """A KMS key."""


class SecretArn(Value):
    """A secret in Secrets Manager."""


class SecretVersions(Value):
    """For which versions of its secrets a service was started last. Empty: it is not known."""


class RoleArn(Value):
    """A role in IAM."""


class CertificateArn(Value):
    """A certificate in ACM."""


class ImageDigest(Value):
    """The digest of a container image."""


class ClusterName(Text):
    """An ECS cluster."""


class ServiceName(Text):
    """An ECS service."""


class NamespaceId(Value):
    """A Cloud Map namespace."""


class ListenerArn(Value):
    """A load balancer's listener."""


class EmailAddress(Value):
    """An e-mail address. Empty: none is given."""


class BucketName(Text):
    """A bucket in S3."""


class TopicArn(Value):
    """A topic in SNS."""


class LoadBalancerArn(Value):
    """A load balancer."""


class NatGatewayId(Value):
    """A NAT gateway."""


class WebAclArn(Value):
    """A web ACL of AWS WAF."""


class LoadBalancerFullName(Value):
    """A load balancer, as CloudWatch metrics name it."""
