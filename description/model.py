"""The fields of a payment system's description, their types and their safe defaults.

A description says what a team decides; everything else is derived from it. What differs from one
environment to the next (suffix, image digests, certificate, log retention …) is a parameter of the
parent template instead, so that one build serves every environment.

Rules over one field or one section are here; rules over several sections are in
``description.crosschecks``.
"""

from enum import StrEnum
from ipaddress import IPv4Network
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from description.fargate import MAX_STOP_TIMEOUT, MEMORY_BY_CPU

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=32)]
"""A lower-case name with hyphens, as it appears in resource names and DNS."""

EnvName = Annotated[str, StringConstraints(pattern=r"^[A-Z_][A-Z0-9_]*$", max_length=128)]
"""The name of an environment variable."""

Percent = Annotated[int, Field(ge=1, le=100)]
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[int, Field(ge=0, le=3600)]


class Section(BaseModel):
    """A part of a description: immutable, and closed to fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Nat(StrEnum):
    """How private subnets reach the internet."""

    NONE = "none"
    """Not at all: VPC endpoints carry the calls to AWS."""
    SINGLE = "single"
    """One NAT gateway, in the first zone: cheap, and lost with that zone."""
    PER_ZONE = "per-zone"
    """One NAT gateway in each zone."""
    REGIONAL = "regional"
    """One NAT gateway that AWS spreads over the zones."""


class Network(Section):
    """The VPC and its subnets."""

    vpc_cidr: IPv4Network = IPv4Network("10.0.0.0/16")
    """The VPC's IPv4 range, /16 to /28."""
    zones: Annotated[int, Field(ge=2, le=6)] = 3
    """The number of availability zones."""
    public_subnets: tuple[IPv4Network, ...] = ()
    """One range per zone for the load balancer and NAT gateways; none given: derived."""
    private_subnets: tuple[IPv4Network, ...] = ()
    """One range per zone for the tasks; none given: derived."""
    nat: Nat = Nat.PER_ZONE
    """How tasks reach the internet."""


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


class Edge(Section):
    """The public load balancer. It exists when a service has routes."""

    protocol: Literal["https", "http"] = "https"
    """``https`` listens on 443 and redirects 80 to it; ``http`` listens on 80 in clear text."""
    tls_policy: TlsPolicy = TlsPolicy.TLS13_1_2_RES_PQ_2025_09
    """The versions and ciphers that the HTTPS listener offers."""
    idle_timeout: Annotated[int, Field(ge=1, le=4000)] = 60
    """Seconds without a byte before the load balancer closes a connection."""


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
    lifecycle: Lifecycle = Lifecycle()
    """Which images expire."""


RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
    1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
"""Days that CloudWatch Logs can keep events (API PutRetentionPolicy, retentionInDays)."""


class Logs(Section):
    """Container logs."""

    retention_days: int = 400
    """Days to keep events unless a parameter file says otherwise. PCI DSS 10.5.1 asks for 12 months."""
    key: Literal["customer", "aws"] = "customer"
    """``customer``: a KMS key of this system; ``aws``: the key that CloudWatch Logs owns."""

    @field_validator("retention_days")
    @classmethod
    def _known(cls, days: int) -> int:
        if days not in RETENTION_DAYS:
            raise ValueError(f"must be one of {', '.join(map(str, RETENTION_DAYS))}")
        return days


class Secret(Section):
    """A secret in Secrets Manager: a JSON object whose values people or machines set."""

    description: str = Field(min_length=1, max_length=2048)
    """What the secret is for."""
    keys: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$")], ...] = Field(
        min_length=1
    )
    """The JSON keys that the secret holds. Names only: values never appear in a description."""


class SecretKey(Section):
    """One JSON key of one secret."""

    secret: Name
    """The secret's name under ``secrets``."""
    key: str
    """The JSON key, as declared there."""


class HealthCheck(Section):
    """How a task shows that it is well."""

    path: Annotated[str, StringConstraints(pattern=r"^/[^\s]*$", max_length=1024)] = "/health"
    """The path that the load balancer asks for; 200 means healthy."""
    command: tuple[str, ...] | None = None
    """The command run in the container, exec form: ``[CMD, program, argument …]``."""
    interval: Annotated[int, Field(ge=5, le=300)] = 30
    """Seconds between two checks."""
    timeout: Annotated[int, Field(ge=2, le=60)] = 5
    """Seconds to wait for an answer."""
    start_period: Annotated[int, Field(ge=0, le=300)] = 60
    """Seconds in which failures do not count after a task's start."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.timeout >= self.interval:
            raise ValueError(
                f"timeout {self.timeout} must be shorter than interval {self.interval}"
            )
        return self

    @field_validator("command")
    @classmethod
    def _exec_form(cls, command: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if command is not None and (len(command) < 2 or command[0] != "CMD"):
            raise ValueError("must be in exec form: [CMD, program, argument …]")
        return command


class Route(Section):
    """Requests that the load balancer sends to a service."""

    priority: Annotated[int, Field(ge=1, le=50000)]
    """The rule's place among all rules of the load balancer; the lowest that matches wins."""
    paths: tuple[
        Annotated[
            str, StringConstraints(pattern=r"^/[A-Za-z0-9_\-.$/~\"'@:+&*?]*$", max_length=128)
        ],
        ...,
    ] = ()
    """Path patterns (``*`` and ``?`` are wildcards)."""
    hosts: tuple[
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9\-.*?]+$", max_length=128)], ...
    ] = ()
    """Host names (``*`` and ``?`` are wildcards)."""

    @model_validator(mode="after")
    def _matches_something(self) -> Self:
        if not self.paths and not self.hosts:
            raise ValueError("needs paths, hosts or both")
        if len(self.paths) + len(self.hosts) > 5:
            raise ValueError("has more than the 5 condition values that a listener rule may have")
        return self


class Permission(Section):
    """Actions that a service's own code performs on AWS."""

    sid: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]+$")]
    """A name for the statement, as a short sentence: ``PublishNotifications``."""
    actions: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+:[A-Za-z0-9]+$")], ...] = (
        Field(min_length=1)
    )
    """IAM actions, without wildcards."""
    resources: tuple[Annotated[str, StringConstraints(pattern=r"^arn:.+$")], ...] = Field(
        min_length=1
    )
    """ARNs; ``${AWS::Partition}``, ``${AWS::Region}``, ``${AWS::AccountId}`` and
    ``${EnvironmentSuffix}`` are filled in at deployment."""


class Scaling(Section):
    """How many tasks, and when to add or remove some."""

    min: Annotated[int, Field(ge=0, le=5000)] = 2
    """The fewest tasks."""
    max: Annotated[int, Field(ge=1, le=5000)] = 10
    """The most tasks."""
    cpu: Percent | None = 70
    """Target average CPU utilization, per cent."""
    memory: Percent | None = 70
    """Target average memory utilization, per cent."""
    requests_per_target: Annotated[int, Field(ge=1)] | None = None
    """Target requests per minute and task, for a service with routes."""
    scale_out_cooldown: Seconds = 60
    """Seconds between two additions."""
    scale_in_cooldown: Seconds = 300
    """Seconds between two removals."""
    memory_scale_in: bool = False
    """Whether low memory alone may remove tasks. Many runtimes never give memory back, and a service
    shrinks only when every policy agrees: with ``true`` such a service would never shrink."""


class Capacity(Section):
    """On which capacity a service's tasks run."""

    fargate_base: Annotated[int, Field(ge=0, le=100000)] = 0
    """Tasks that always run on Fargate before the weights count."""
    fargate_weight: Annotated[int, Field(ge=0, le=1000)] = 1
    """Share of the other tasks on Fargate."""
    spot_weight: Annotated[int, Field(ge=0, le=1000)] = 0
    """Share of the other tasks on Fargate Spot, which AWS may reclaim at two minutes' notice."""

    @model_validator(mode="after")
    def _some_weight(self) -> Self:
        if self.fargate_weight + self.spot_weight == 0:
            raise ValueError("fargate_weight and spot_weight cannot both be 0")
        return self


class Service(Section):
    """One microservice."""

    port: Port | None = None
    """The TCP port that its container listens on; none for a worker."""
    cpu: int = 1024
    """CPU units, 1024 = 1 vCPU."""
    memory: int = 2048
    """Memory in MiB."""
    architecture: Literal["x86_64", "arm64"] = "x86_64"
    """The processor that its image is built for."""
    repository: (
        Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([._/-][a-z0-9]+)*$", max_length=256)]
        | None
    ) = None
    """An existing ECR repository's name, where the registry's mode is ``existing``; the service's name
    where none is given."""
    health_check: HealthCheck = HealthCheck()
    """How its tasks show that they are well."""
    routes: tuple[Route, ...] = ()
    """Requests from the internet that it answers."""
    calls: tuple[Name, ...] = ()
    """Services that it calls. Nothing else can be reached from it inside the VPC."""
    secrets: dict[EnvName, SecretKey] = {}
    """Environment variables whose values ECS takes from secrets."""
    environment: dict[EnvName, str] = {}
    """Environment variables with plain values."""
    permissions: tuple[Permission, ...] = ()
    """What its code may do on AWS."""
    scaling: Scaling = Scaling()
    """How many tasks it has."""
    capacity: Capacity = Capacity()
    """On what they run."""
    stop_timeout: Annotated[int, Field(ge=1, le=MAX_STOP_TIMEOUT)] = MAX_STOP_TIMEOUT
    """Seconds between SIGTERM and SIGKILL."""
    deregistration_delay: Annotated[int, Field(ge=0, le=3600)] = 30
    """Seconds that the load balancer lets requests finish on a task that is leaving."""
    writable_paths: tuple[Annotated[str, StringConstraints(pattern=r"^/[^\s:]+$")], ...] = ("/tmp",)
    """Directories that the container may write; the rest of its file system is read-only."""

    @field_validator("cpu")
    @classmethod
    def _offered(cls, cpu: int) -> int:
        if cpu not in MEMORY_BY_CPU:
            raise ValueError(f"must be one of {', '.join(map(str, MEMORY_BY_CPU))}")
        return cpu

    @model_validator(mode="after")
    def _sized(self) -> Self:
        sizes = MEMORY_BY_CPU[self.cpu]
        if self.memory not in sizes:
            raise ValueError(
                f"memory {self.memory} does not go with cpu {self.cpu}: "
                f"Fargate offers {', '.join(map(str, sizes))}"
            )
        return self


class System(Section):
    """A payment system."""

    name: Name
    """The system's name: of its file, its parent stack, its output folder."""
    description: str = Field(min_length=1, max_length=900)
    """One sentence for people."""
    name_prefix: Name = "payment"
    """What the names of its resources begin with."""
    cluster_name: Name | None = None
    """The ECS cluster's name without the environment suffix; ``<name_prefix>-cluster`` if none is
    given. Two systems in one account and environment need different ones."""
    namespace: Annotated[
        str,
        StringConstraints(
            pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$"
        ),
    ] = "payment.local"
    """The private DNS namespace in which services find one another."""
    removal_policy: Literal["retain", "destroy"] = "retain"
    """What becomes of logs, secrets, keys and images when their stack goes: ``retain`` keeps them."""
    tags: dict[str, str] = {}
    """Tags of every resource, whatever tool deploys the parent stack."""
    network: Network = Network()
    edge: Edge = Edge()
    registry: Registry = Registry()
    logs: Logs = Logs()
    secrets: dict[Name, Secret] = {}
    """The secrets that services may read."""
    services: dict[Name, Service] = Field(min_length=1)
    """The services, by name."""
