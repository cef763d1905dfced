"""A microservice, and what there is to decide about one."""

from ipaddress import IPv4Network
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from description.capacity import Capacity, Scaling
from description.fargate import MEMORY_BY_CPU, STOP_TIMEOUT
from description.fields import (
    EnvName,
    Name,
    OneOf,
    Port,
    Seconds,
    Section,
    Shard,
    broken,
    listed,
    matching,
)


class SecretKey(Section):
    """One JSON key of one secret."""

    secret: Name
    """The secret's name under ``secrets``."""
    key: str
    """The JSON key, as declared there."""


class HealthCheck(Section):
    """How a task shows that it is well."""

    path: Annotated[str, matching(r"^/[^\s]*$", "a path that begins with /", max_length=1024)] = (
        "/health"
    )
    """The path that the load balancer asks for; 200 means healthy."""
    command: tuple[str, ...] | None = None
    """The command run in the container, exec form: ``[CMD, program, argument …]``. It needs no
    shell in the image. A service without routes must have one."""
    interval: Annotated[int, Field(ge=5, le=300)] = 30
    """Seconds between two checks."""
    timeout: Annotated[int, Field(ge=2, le=60)] = 5
    """Seconds to wait for an answer, fewer than the interval."""
    start_period: Annotated[int, Field(ge=0, le=300)] = 60
    """Seconds in which failures do not count after a task's start."""

    @field_validator("command")
    @classmethod
    def _exec_form(cls, command: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if command is not None and (len(command) < 2 or command[0] != "CMD"):
            raise broken("is not in exec form", allowed="[CMD, program, argument …]")
        return command

    @model_validator(mode="after")
    def _answers_in_time(self) -> Self:
        if self.timeout >= self.interval:
            raise broken(
                f"is not shorter than the interval of {self.interval} seconds",
                *("timeout", "interval"),
                allowed=f"less than {self.interval}",
            )
        return self


class Route(Section):
    """Requests that the load balancer sends to a service.

    Source of the limits: Elastic Load Balancing, "Quotas for your Application Load Balancers", and
    API, PathPatternConditionConfig and HostHeaderConditionConfig.
    """

    priority: Annotated[int, Field(ge=1, le=50000)]
    """The rule's place among all rules of the load balancer; the lowest that matches wins. A route
    that moves to another service takes a new priority: CloudFormation makes its rule there before
    it removes the old one, and a listener has one rule of a priority."""
    paths: tuple[
        Annotated[
            str,
            matching(
                r"^/[A-Za-z0-9_\-.$/~\"'@:+&*?]*$",
                "/ and then letters, digits, _-.$/~\"'@:+& and the wildcards * and ?",
                max_length=128,
            ),
        ],
        ...,
    ] = ()
    """Path patterns, case-sensitive (``*`` and ``?`` are wildcards). A route has 1 to 5 paths and
    hosts in all, with 5 wildcards at most."""
    hosts: tuple[
        Annotated[
            str,
            matching(
                r"^[A-Za-z0-9\-.*?]+\.[A-Za-z]+$",
                "a domain name with the wildcards * and ?, letters only after its last dot",
                max_length=128,
            ),
        ],
        ...,
    ] = ()
    """Host names (``*`` and ``?`` are wildcards)."""

    @model_validator(mode="after")
    def _matches_something(self) -> Self:
        values = (*self.paths, *self.hosts)
        if not values:
            raise broken("matches no request", "paths", "hosts", allowed="paths, hosts or both")
        if len(values) > 5:
            raise broken(
                f"has {len(values)} paths and hosts", "paths", "hosts", allowed="5 in one rule"
            )
        wildcards = sum(value.count("*") + value.count("?") for value in values)
        if wildcards > 5:
            raise broken(f"has {wildcards} wildcards", "paths", "hosts", allowed="5 in one rule")
        return self


class Permission(Section):
    """Actions that a service's own code performs on AWS."""

    sid: Annotated[str, matching(r"^[A-Za-z0-9]+$", "letters and digits", max_length=64)]
    """A name for the statement, as a short sentence: ``PublishNotifications``."""
    actions: tuple[
        Annotated[
            str,
            matching(r"^[a-z0-9-]+:[A-Za-z0-9]+$", "one IAM action without wildcards: sns:Publish"),
        ],
        ...,
    ] = Field(min_length=1)
    """IAM actions, without wildcards."""
    resources: tuple[
        Annotated[str, matching(r"^arn:[^\s]+$", "an ARN, which begins with arn:")], ...
    ] = Field(min_length=1)
    """ARNs; ``${AWS::Partition}``, ``${AWS::Region}``, ``${AWS::AccountId}`` and
    ``${EnvironmentSuffix}`` are filled in at deployment."""


class Egress(Section):
    """Something outside the system that a service connects to.

    Source of the characters: Amazon EC2 API, IpRange, Description.
    """

    description: Annotated[
        str,
        matching(r"^[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}$", "letters, digits and spaces"),
    ]
    """What it is."""
    port: Port
    """Its TCP port."""
    cidr: IPv4Network
    """Its addresses."""


class Service(Section):
    """One microservice."""

    shard: Shard = 1
    """Which stacks hold its security group, its roles and its log group, for a system of more than
    85 services: each shard has room for 85. It never changes once it is deployed."""
    port: Port | None = None
    """The TCP port that its container listens on; none for a worker."""
    cpu: Annotated[int, OneOf(tuple(MEMORY_BY_CPU))] = 1024
    """CPU units, 1024 = 1 vCPU."""
    memory: int = 2048
    """Memory in MiB; Fargate offers certain sizes with each ``cpu``."""
    architecture: Literal["x86_64", "arm64"] = "x86_64"
    """The processor that its image is built for."""
    repository: (
        Annotated[
            str,
            matching(
                r"^[a-z][a-z0-9]*([._/-]+[a-z0-9]+)*$",
                "lower-case letters, digits and ._-/ between them, beginning with a letter",
                max_length=256,
            ),
        ]
        | None
    ) = None
    """An existing ECR repository's name, where the registry's mode is ``existing``; the service's
    name where none is given."""
    health_check: HealthCheck = HealthCheck()
    """How its tasks show that they are well."""
    routes: tuple[Route, ...] = ()
    """Requests from the internet that it answers."""
    calls: tuple[Name, ...] = ()
    """Services that it calls. Nothing else can be reached from it inside the VPC."""
    egress: tuple[Egress, ...] = ()
    """What it connects to besides, such as a database. HTTPS, by which tasks reach AWS and other
    companies, is always open."""
    secrets: dict[EnvName, SecretKey] = Field(default_factory=dict)
    """Environment variables whose values ECS takes from secrets."""
    environment: dict[EnvName, str] = Field(default_factory=dict)
    """Environment variables with plain values."""
    permissions: tuple[Permission, ...] = ()
    """What its code may do on AWS."""
    scaling: Scaling = Scaling()
    """How many tasks it has."""
    capacity: Capacity = Capacity()
    """On what they run."""
    stop_timeout: Annotated[int, Field(ge=STOP_TIMEOUT[0], le=STOP_TIMEOUT[1])] = STOP_TIMEOUT[1]
    """Seconds between SIGTERM and SIGKILL: as long as its longest request takes, or longer."""
    deregistration_delay: Seconds = 30
    """Seconds that the load balancer lets requests finish on a task that is leaving."""
    errors_per_minute: Annotated[int, Field(ge=0)] = 10
    """Answers of 500 to 599 in a minute that are still no alarm, for a service with routes. More of
    them in three minutes of five ring; a deployment in which that begins is rolled back."""
    writable_paths: tuple[
        Annotated[str, matching(r"^(/[A-Za-z0-9._-]+)+$", "an absolute path of a directory")], ...
    ] = ("/tmp",)  # noqa: S108 - a directory in the container, which is its own
    """Directories that the container may write; the rest of its file system is read-only. Each is
    an empty volume, with the owner and mode that the directory has in the image where its
    Dockerfile declares it with ``VOLUME``, and root's otherwise."""
    user: (
        Annotated[
            str,
            matching(
                r"^[1-9][0-9]{0,8}(:[1-9][0-9]{0,8})?$",
                "the number of a user, or of a user and a group with a colon between, none of them "
                "0: 10001:10001",
            ),
        ]
        | None
    ) = "10001:10001"
    """The user and group that the container runs as, by number and not root's; null: the one that
    the image names, which is root if it names none. The image needs no such user, but has to let
    it read its files and own each of ``writable_paths``: ``RUN mkdir -p /data && chown 10001:10001
    /data``, then ``VOLUME /data``. PCI DSS 2.2 asks for no more rights than needed."""

    @model_validator(mode="after")
    def _sized(self) -> Self:
        sizes = MEMORY_BY_CPU[self.cpu]
        if self.memory not in sizes:
            raise broken(
                f"is not offered with cpu {self.cpu}", "memory", "cpu", allowed=listed(sizes)
            )
        return self

    @property
    def secret_names(self) -> list[str]:
        """The secrets that it reads, by name."""
        return sorted({read.secret for read in self.secrets.values()})
