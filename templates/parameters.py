"""Parameters of the parent: what differs from one environment to the next."""

from troposphere import Parameter

from description import digests, versions
from description.digests import DIGEST_PATTERN
from description.model import RETENTION_DAYS, System
from templates.edges import StackTemplate

AUDIT_DAYS = 365
"""Days that an audit trail must be kept (PCI DSS v4.0.1, requirement 10.5.1)."""


def environment_suffix() -> Parameter:
    """Return the parameter that keeps the names of two environments apart."""
    return Parameter(
        "EnvironmentSuffix",
        Type="String",
        Description="What the names of this environment's resources end with: dev, staging, prod",
        AllowedPattern="^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        MaxLength=16,
        ConstraintDescription="up to 16 lower-case letters and digits, a letter first, with single "
        "hyphens between them",
    )


def availability_zone_ids(system: System) -> Parameter:
    """Return the parameter that chooses zones; without it a region's first zones are taken, and
    one of them may lack Fargate.
    """
    count = system.network.zones
    zone = "[a-z0-9]+-[a-z0-9-]+"
    return Parameter(
        "AvailabilityZoneIds",
        Type="String",
        Default="",
        AllowedPattern=f"^({zone}(,{zone}){{{count - 1}}})?$",
        ConstraintDescription=f"{count} availability zone ids with commas between, or nothing",
        Description="Ids of the availability zones, as use1-az1,use1-az2,use1-az4; empty: the "
        "region's first ones. Choose before the first deployment: subnets cannot move",
    )


def log_retention_days(system: System) -> Parameter:
    """Return the parameter that says how long logs are kept; twelve months at least where the
    description keeps them that long.
    """
    days = system.logs.retention_days
    return Parameter(
        "LogRetentionDays",
        Type="Number",
        Default=days,
        AllowedValues=[one for one in RETENTION_DAYS if days < AUDIT_DAYS or one >= AUDIT_DAYS],
        Description="Days to keep logs; PCI DSS 10.5.1 asks for 12 months in production",
    )


def deletion_protection(system: System) -> Parameter:
    """Return the parameter that guards the load balancer against deletion."""
    return Parameter(
        "DeletionProtection",
        Type="String",
        Default="true" if system.edge.deletion_protection else "false",
        AllowedValues=["true", "false"],
        Description="Whether the load balancer refuses to be deleted",
    )


def certificate_arn() -> Parameter:
    """Return the parameter that names where the certificate's ARN is, so that no account id stands
    in a parameter file.
    """
    return Parameter(
        "CertificateArn",
        Type="AWS::SSM::Parameter::Value<String>",
        Description="Name of the SSM parameter that holds the ARN of the load balancer's ACM "
        "certificate",
    )


def registry_account_id() -> Parameter:
    """Return the parameter that says whose existing repositories are used."""
    return Parameter(
        "RegistryAccountId",
        Type="String",
        Default="",
        AllowedPattern="^([0-9]{12})?$",
        ConstraintDescription="the 12 digits of an AWS account, or nothing",
        Description="Account that owns the image repositories; empty: the account deployed to",
    )


def image_digest(service: str) -> Parameter:
    """Return the parameter that pins a service's image."""
    return Parameter(
        digests.parameter(service),
        Type="String",
        Default="",
        AllowedPattern=f"^({DIGEST_PATTERN})?$",
        ConstraintDescription="sha256: and 64 hexadecimal digits, or nothing if there is no image",
        Description=f"Digest of the image of {service}; empty: the service waits for its image",
    )


def image_digests(title: str) -> Parameter:
    """Return a parameter that pins the images of several services."""
    one = f"[a-z][a-z0-9-]*=({DIGEST_PATTERN})?"
    return Parameter(
        title,
        Type="String",
        Default="",
        AllowedPattern=f"^({one}(,{one})*)?$",
        ConstraintDescription="SERVICE=sha256: and 64 hexadecimal digits, with commas between",
        Description="Digests of images, as api=sha256:…,fraud=sha256:…; a service that is in none "
        "of these parameters waits for its image",
    )


def secret_versions(title: str) -> Parameter:
    """Return a parameter that tells for which versions of their secrets services were started."""
    one = f"[a-z][a-z0-9-]*=[0-9a-f]{{{versions.DIGITS}}}"
    return Parameter(
        title,
        Type="String",
        Default="",
        AllowedPattern=f"^({one}(,{one})*)?$",
        ConstraintDescription="what ./deploy.sh restart writes, or nothing",
        Description="Versions of secrets that services were restarted for; ./deploy.sh restart "
        "writes them",
    )


def alarm_email() -> Parameter:
    """Return the parameter that says who hears of alarms."""
    return Parameter(
        "AlarmEmail",
        Type="String",
        Default="",
        AllowedPattern=r"^([^@\s]+@[^@\s]+\.[^@\s]+)?$",
        MaxLength=254,
        ConstraintDescription="an e-mail address, or nothing",
        Description="Address that hears of alarms, once it has confirmed; empty: subscribe to the "
        "topic AlarmTopicArn what is to hear of them",
    )


def console_groups(t: StackTemplate) -> dict[str, object]:
    """Return the metadata that lets the CloudFormation console show the parameters in groups."""
    images = [name for name in t.parameters if digests.pins_images(name)]
    others = [name for name in t.parameters if name not in images]
    return {
        "AWS::CloudFormation::Interface": {
            "ParameterGroups": [
                {"Label": {"default": "Environment"}, "Parameters": others},
                {"Label": {"default": "Images"}, "Parameters": images},
            ]
        }
    }
