"""The fields of a payment system's description, their types and their safe defaults.

A description says what a team decides; everything else is derived from it. What differs from one
environment to the next (suffix, image digests, certificate, log retention …) is a parameter of the
parent template instead, so that one build serves every environment.

Rules over one field or one section are in the model; rules over several sections are in
``description.rules``.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr

from description.capacity import Capacity, Scaling
from description.fields import Name, Section, matching
from description.profiles import Profile
from description.service import (
    Egress,
    HealthCheck,
    Permission,
    Route,
    SecretKey,
    Service,
)
from description.shards import shards
from description.surroundings import (
    RETENTION_DAYS,
    Edge,
    Lifecycle,
    Logs,
    Nat,
    Network,
    Registry,
    Secret,
    TlsPolicy,
)

__all__ = [
    "RETENTION_DAYS",
    "Capacity",
    "Edge",
    "Egress",
    "HealthCheck",
    "Lifecycle",
    "Logs",
    "Nat",
    "Network",
    "Permission",
    "Profile",
    "Profiles",
    "Registry",
    "Route",
    "Scaling",
    "Secret",
    "SecretKey",
    "Section",
    "Service",
    "System",
    "TlsPolicy",
]


class Profiles(Section):
    """What the description says of one profile only. A field here goes before the same field of the
    description; mappings are joined, lists are not.
    """

    production: dict[str, Any] = Field(default_factory=dict)
    """Fields of a description, for production environments."""
    development: dict[str, Any] = Field(default_factory=dict)
    """Fields of a description, for development environments."""


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
        matching(
            r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$",
            "a lower-case domain name of two labels or more: payment.local",
            max_length=220,
        ),
    ] = "payment.local"
    """The private DNS namespace in which services find one another."""
    removal_policy: Literal["retain", "destroy"] = "retain"
    """What becomes of logs, secrets, keys and images when their stack goes: ``retain`` keeps
    them."""
    environments: dict[
        Annotated[
            str, matching(r"^[a-z][a-z0-9-]{0,15}$", "up to 16 small letters, digits and hyphens")
        ],
        Profile,
    ] = Field(default_factory=dict)
    """The profile of each environment: ``production``, or ``development``, which is cheap. An
    environment that is not named is a production environment."""
    profiles: Profiles = Profiles()
    """What only the environments of one profile have."""
    tags: dict[
        Annotated[
            str,
            matching(
                r"^[A-Za-z0-9 _.:/=+@-]+$", "letters, digits, spaces and _.:/=+-@", max_length=128
            ),
        ],
        Annotated[
            str,
            matching(
                r"^[A-Za-z0-9 _.:/=+@-]*$", "letters, digits, spaces and _.:/=+-@", max_length=256
            ),
        ],
    ] = Field(default_factory=dict)
    """Tags of every resource, whatever tool deploys the parent stack."""
    network: Network = Network()
    """The VPC and its subnets."""
    edge: Edge = Edge()
    """The public load balancer. It exists when a service has routes."""
    registry: Registry = Registry()
    """Where the images are."""
    logs: Logs = Logs()
    """Container logs."""
    alarms: bool = True
    """Whether alarms watch the services and the load balancer, and a topic tells people of them.
    The parameter ``AlarmEmail`` says whom."""
    secrets: dict[Name, Secret] = Field(default_factory=dict)
    """The secrets that services may read."""
    secrets_key: Literal["customer", "aws"] = "customer"
    """``customer``: secrets are encrypted with a KMS key of this system; ``aws``: with the
    account's key ``aws/secretsmanager``."""
    services: dict[Name, Service] = Field(min_length=1)
    """The services, by name."""

    _profile: Profile = PrivateAttr(default=Profile.PRODUCTION)

    @property
    def profile(self) -> Profile:
        """The profile of which the fields are."""
        return self._profile

    def profile_of(self, environment: str) -> Profile:
        """Return the profile of an environment."""
        return self.environments.get(environment, Profile.PRODUCTION)

    def under(self, profile: Profile) -> Self:
        """Return the same fields as those of ``profile``."""
        made = self.model_copy()
        made._profile = profile
        return made

    @property
    def shards_of_services(self) -> dict[int, list[str]]:
        """The services whose security groups are in one stack, and whose roles and log groups in
        another one, by the number of the stacks.
        """
        return shards({name: one.shard for name, one in self.services.items()})

    @property
    def shards_of_secrets(self) -> dict[int, list[str]]:
        """The secrets that are in one stack, by its number."""
        return shards({name: secret.shard for name, secret in self.secrets.items()})

    @property
    def readers(self) -> list[str]:
        """The services that read secrets."""
        return [name for name, service in self.services.items() if service.secrets]

    @property
    def routed(self) -> bool:
        """Whether a service has routes, so that there is a load balancer."""
        return any(service.routes for service in self.services.values())

    @property
    def has_web_acl(self) -> bool:
        """Whether there is a load balancer behind a web ACL."""
        return self.routed and self.edge.web_acl == "managed"

    @property
    def keeps_access_logs(self) -> bool:
        """Whether there is a load balancer whose requests and connections are recorded."""
        return self.routed and self.edge.access_logs

    @property
    def keeps_logs_in_a_bucket(self) -> bool:
        """Whether anything is recorded in the bucket of logs."""
        return self.network.flow_logs or self.keeps_access_logs
