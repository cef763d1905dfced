"""What the services of a system share: network, edge, registry, logs, secrets."""

from enum import StrEnum
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import Field

from description import subnets
from description.fields import OneOf, Section, Shard, matching

FORMER_DAYS = 30
"""Days that a former version of a record stays in the bucket of logs: the time to notice that the
record was changed or deleted."""


class Nat(StrEnum):
    """How private subnets reach the internet."""

    NONE = "none"
    SINGLE = "single"
    PER_ZONE = "per-zone"
    REGIONAL = "regional"


class Network(Section):
    """The VPC and its subnets."""

    vpc_cidr: IPv4Network = IPv4Network("10.0.0.0/16")
    """The VPC's IPv4 range, /16 to /28. Ranges are chosen before the first deployment: new ones
    replace the VPC or its subnets, which cannot be while something is in them."""
    zones: Annotated[int, Field(ge=2, le=6)] = 3
    """The number of availability zones."""
    public_subnets: tuple[IPv4Network, ...] = ()
    """One range per zone, /16 to /27, for the load balancer and NAT gateways. None given, here and
    for the private subnets: derived, so that another zone moves no subnet."""
    private_subnets: tuple[IPv4Network, ...] = ()
    """One range per zone, /16 to /28, for the tasks, each of which takes an address."""
    nat: Nat = Nat.PER_ZONE
    """How tasks reach the internet: ``none``, VPC endpoints carry their calls to AWS and nothing
    else goes out; ``single``, one NAT gateway in the first zone, cheap and lost with it;
    ``per-zone``, one in each; ``regional``, one that AWS spreads over the zones."""
    endpoints: bool = True
    """VPC endpoints for what tasks call on AWS also where there is a NAT, so that these calls stay
    off the internet; without NAT there are always some. They let through what this account's roles
    may do and nothing else: not another account's credentials, nor any S3 bucket or DynamoDB table
    of the region that no ``permissions`` names."""

    @property
    def has_endpoints(self) -> bool:
        """Whether VPC endpoints carry the calls of tasks to AWS."""
        return self.endpoints or self.nat is Nat.NONE

    flow_logs: bool = True
    """Record all traffic of the VPC, minute by minute, in the bucket of logs."""

    def public_ranges(self) -> tuple[IPv4Network, ...]:
        """Return the public subnets' ranges, given or derived, one per zone."""
        return self.public_subnets or subnets.public_ranges(self.vpc_cidr, self.zones)

    def private_ranges(self) -> tuple[IPv4Network, ...]:
        """Return the private subnets' ranges, given or derived, one per zone."""
        return self.private_subnets or subnets.private_ranges(self.vpc_cidr, self.zones)


class TlsPolicy(StrEnum):
    """Load balancer security policies that speak TLS 1.2 and 1.3 only.

    Source: Elastic Load Balancing, "Security policies for your Application Load Balancer".
    """

    TLS13_1_2_RES_PQ_2025_09 = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    TLS13_1_2_PQ_2025_09 = "ELBSecurityPolicy-TLS13-1-2-PQ-2025-09"
    TLS13_1_3_PQ_2025_09 = "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09"
    TLS13_1_2_RES_2021_06 = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
    TLS13_1_2_2021_06 = "ELBSecurityPolicy-TLS13-1-2-2021-06"
    TLS13_1_3_2021_06 = "ELBSecurityPolicy-TLS13-1-3-2021-06"


class ManagedGroup(StrEnum):
    """Groups of rules that AWS maintains, in the order in which the web ACL asks them.

    Source: AWS WAF Developer Guide, "AWS Managed Rules rule groups list".
    """

    IP_REPUTATION = "AWSManagedRulesAmazonIpReputationList"
    KNOWN_BAD_INPUTS = "AWSManagedRulesKnownBadInputsRuleSet"
    COMMON = "AWSManagedRulesCommonRuleSet"
    SQL_INJECTION = "AWSManagedRulesSQLiRuleSet"


class Edge(Section):
    """The public load balancer. It exists when a service has routes."""

    protocol: Literal["https", "http"] = "https"
    """``https`` listens on 443 and redirects 80 to it; ``http`` listens on 80 in clear text."""
    tls_policy: TlsPolicy = TlsPolicy.TLS13_1_2_RES_PQ_2025_09
    """The versions and ciphers that the HTTPS listener offers."""
    idle_timeout: Annotated[int, Field(ge=1, le=4000)] = 60
    """Seconds without a byte before the load balancer closes a connection."""
    web_acl: Literal["managed", "none"] = "managed"
    """``managed``: AWS WAF refuses known attackers, malicious requests and floods by the rules that
    AWS maintains; ``none``: all requests reach the load balancer."""
    counted_rules: dict[
        ManagedGroup,
        Annotated[
            tuple[
                Annotated[str, matching(r"^[A-Za-z0-9_-]{1,128}$", "a rule's name in AWS's list")],
                ...,
            ],
            Field(min_length=1),
        ],
    ] = Field(default_factory=dict)
    """Rules of AWS's groups that only count what they find, where your API needs what they refuse:
    ``SizeRestrictions_BODY`` of ``AWSManagedRulesCommonRuleSet`` refuses bodies over 8 KB."""
    rate_limit: Annotated[int, Field(ge=10, le=2_000_000_000)] | None = 2000
    """Requests in five minutes from which on AWS WAF refuses an address; null: no limit."""
    access_logs: bool = True
    """Keep the load balancer's record of each request and each connection in the bucket of logs."""
    deletion_protection: bool = True
    """Whether the load balancer refuses to be deleted, unless a parameter file says otherwise."""


class Lifecycle(Section):
    """Which images a repository lets go of."""

    untagged_days: Annotated[int, Field(ge=1)] = 14
    """Days after which an untagged image expires."""
    keep_tagged: Annotated[int, Field(ge=100)] = 500
    """Tagged images kept, newest first: generous, so that a running image is always among them."""


class Registry(Section):
    """Where the images are."""

    mode: Literal["create", "existing"] = "create"
    """``create`` makes a repository per service; ``existing`` uses those that are there."""
    scan_on_push: bool = True
    """Scan each pushed image for known vulnerabilities."""
    immutable_tags: bool = True
    """Refuse to move a tag to another image."""
    key: Literal["customer", "aws"] = "customer"
    """``customer``: images are encrypted with a KMS key of this system; ``aws``: with one that ECR
    owns. Chosen before the first deployment: a repository keeps its encryption, and its name stands
    in the way of another one."""
    lifecycle: Lifecycle = Lifecycle()
    """Which images expire."""


RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
    1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
"""Days that CloudWatch Logs can keep events (API PutRetentionPolicy, retentionInDays)."""


class Logs(Section):
    """Container logs."""

    retention_days: Annotated[int, OneOf(RETENTION_DAYS)] = 400
    """Days to keep events unless a parameter file says otherwise. PCI DSS 10.5.1 asks for 12
    months: where the description keeps them, no parameter file asks for less."""
    key: Literal["customer", "aws"] = "customer"
    """``customer``: a KMS key of this system; ``aws``: the key that CloudWatch Logs owns."""


JsonKey = Annotated[
    str,
    matching(
        r"^[A-Za-z0-9_.-]+$", "letters, digits, dots, hyphens and underscores", max_length=128
    ),
]
"""A key of a secret's JSON object; ECS ends it at the next colon."""


class Rotation(Section):
    """Who gives a secret new values, and how often. What the function and its role need stands in
    docs/deploy.md.
    """

    function: Annotated[
        str,
        matching(
            r"^([A-Za-z0-9_-]|\$\{EnvironmentSuffix\})+$",
            "the name of a function: letters, digits, hyphens, underscores and "
            "${EnvironmentSuffix}",
            max_length=64,
        ),
    ]
    """The name of a Lambda function that is there already, in the account and region of the system;
    ``${EnvironmentSuffix}`` is filled in at deployment."""
    days: Annotated[int, Field(ge=1, le=1000)] = 30
    """Days from one rotation to the next. The first one is not at once: a new secret has no values
    that a function could replace."""


class Secret(Section):
    """A secret in Secrets Manager: a JSON object whose values people or machines set."""

    description: str = Field(min_length=1, max_length=2048)
    """What the secret is for."""
    keys: tuple[JsonKey, ...] = Field(min_length=1)
    """The JSON keys that the secret holds. Names only: values never appear in a description."""
    rotation: Rotation | None = None
    """A Lambda function that replaces the values regularly; null: people do. Running tasks keep the
    values that they began with until ``./deploy.sh restart``."""
    shard: Shard = 1
    """Which stack holds it, for a system of more than 170 secrets: each shard has room for 170. It
    never changes once it is deployed."""
