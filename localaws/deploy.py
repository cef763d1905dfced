"""A system on the local AWS, with all that a team would bring: a bucket for the templates, a
certificate, values for the secrets and an image per service.

The deployment itself goes through the same functions as one to AWS.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from rich.console import Console

from delivery import deployment, sources, stacks
from delivery.aws import Aws
from delivery.deployment import Deployed, Place
from delivery.options import DEFAULT_PREFIX
from delivery.publish import default_bucket
from delivery.registry import repository_name
from description import digests
from description.model import System
from localaws.clients import LocalSession

ENVIRONMENT = "dev"
DOMAIN = "payments.example"

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"


def deploy(name: str, session: LocalSession, console: Console) -> Deployed:
    """Bring the system called ``name`` to the local AWS, and tell the way on ``console``.

    The first time in two steps, as on AWS: network, security and repositories; then, with an image
    for each of them, the services. Repeated, it changes nothing.
    """
    tell = partial(console.print, markup=False, soft_wrap=True)
    system = sources.describe(name, ENVIRONMENT)
    order = sources.order(system, ENVIRONMENT, sources.Wishes(), ci={})
    aws = connect(session)
    place = Place(aws, default_bucket(aws), DEFAULT_PREFIX, console)
    session.client("s3").create_bucket(Bucket=place.bucket)
    if certificate := order.parameters.get("CertificateArn"):
        make_certificate(session, certificate)
    repositories = {service: repository(system, service) for service in system.services}
    if system.registry.mode == "existing":
        make_repositories(session, repositories.values())

    if stacks.read(aws, order.stack_name) is None or not_made(session, repositories.values()):
        tell(f"{order.stack_name}: step 1 of 2, what needs no image")
        deployment.deploy(place, order)
        tell(f"{order.stack_name}: step 2 of 2, an image for each service")
    for secret, about in system.secrets.items():
        if set_secret(session, f"{system.name_prefix}-{secret}-{ENVIRONMENT}", about.keys):
            tell(f"{order.stack_name}: random values set in secret {secret}")
    images = {service: push(session, repository) for service, repository in repositories.items()}
    known = digests.as_values(images, system.services)
    return deployment.deploy(place, replace(order, parameters={**order.parameters, **known}))


def connect(session: LocalSession) -> Aws:
    """Return what delivery works with, in the account of ``session``."""
    return Aws.over(session.boto_session(), session.endpoint_url)


def make_certificate(session: LocalSession, parameter: str) -> None:
    """Request a certificate and write its ARN to an SSM parameter, unless that is there."""
    ssm = session.client("ssm")
    if ssm.get_parameters(Names=[parameter])["Parameters"]:
        return
    acm = session.client("acm")
    arn = acm.request_certificate(DomainName=DOMAIN, ValidationMethod="DNS")["CertificateArn"]
    ssm.put_parameter(Name=parameter, Value=arn, Type="String")


def repository(system: System, service: str) -> str:
    """Return the name of the ECR repository that a service's image is pulled from."""
    return repository_name(system, service, ENVIRONMENT)


def not_made(session: LocalSession, names: Iterable[str]) -> set[str]:
    """Return those of the repositories that do not exist."""
    pages = session.client("ecr").get_paginator("describe_repositories").paginate()
    return set(names) - {r["repositoryName"] for page in pages for r in page["repositories"]}


def make_repositories(session: LocalSession, names: Iterable[str]) -> None:
    """Make the repositories that a system expects to be there already."""
    for name in sorted(not_made(session, names)):
        session.client("ecr").create_repository(repositoryName=name, imageTagMutability="IMMUTABLE")


def set_secret(session: LocalSession, name: str, keys: Iterable[str]) -> bool:
    """Give a secret random values, unless it has its JSON keys; return whether it got them."""
    manager = session.client("secretsmanager")
    value = json.loads(manager.get_secret_value(SecretId=name)["SecretString"])
    missing = set(keys) - value.keys()
    if missing:
        value = {key: secrets.token_urlsafe(24) for key in sorted(keys)}
        manager.put_secret_value(SecretId=name, SecretString=json.dumps(value))
    return bool(missing)


def push(session: LocalSession, repository: str) -> str:
    """Register an image, always the same one, and return its digest: no task ever runs it."""
    config = json.dumps({"architecture": "amd64", "os": "linux", "author": repository}).encode()
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": {
                "mediaType": _CONFIG,
                "digest": f"sha256:{hashlib.sha256(config).hexdigest()}",
                "size": len(config),
            },
            "layers": [],
        }
    )
    digest = f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"
    ecr = session.client("ecr")
    stored = ecr.list_images(repositoryName=repository)["imageIds"]
    if digest not in {image["imageDigest"] for image in stored}:
        ecr.put_image(
            repositoryName=repository,
            imageManifest=manifest,
            imageManifestMediaType=_MANIFEST,
            imageTag="local",
        )
    return digest
