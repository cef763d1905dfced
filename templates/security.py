"""Security: what guards the system as a whole: keys, secrets and the load balancer's firewall."""

from dataclasses import dataclass
from functools import partial

from troposphere import GetAtt, Ref, ec2, kms, secretsmanager

from description.model import System
from templates import iam
from templates.edges import Each, Stack, StackTemplate
from templates.keys import customer_key
from templates.kinds import EnvironmentSuffix, KeyArn, SecretArn, SecurityGroupId, VpcId
from templates.lifecycle import keep
from templates.names import log_group_name, named, pascal, suffixed, web_acl_log_group_name
from templates.traffic import inline_rule, no_egress


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What security needs to know; the VPC only where there is a load balancer."""

    environment_suffix: EnvironmentSuffix
    vpc_id: VpcId | None


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What security is for others."""

    load_balancer_security_group_id: SecurityGroupId | None
    log_key_arn: KeyArn | None
    secret_key_arn: KeyArn | None
    secret_arn: Each[SecretArn]


def is_needed(system: System) -> bool:
    """Return whether ``system`` has anything that belongs here."""
    return system.routed or system.logs.key == "customer" or bool(system.secrets)


def stack(system: System) -> Stack[Inputs, Outputs]:
    """Return the security stack of ``system``."""
    return Stack("security", f"Keys, secrets and edge of {system.name}", partial(build, system))


def build(system: System, t: StackTemplate, given: Inputs) -> Outputs:
    """Fill the security stack's template."""
    group = key = key_of_secrets = None
    if given.vpc_id is not None:
        group = t.add_resource(load_balancer_security_group(system, given))
    if system.logs.key == "customer":
        key = t.add_resource(log_key(system, given))
    if system.secrets and system.secrets_key == "customer":
        key_of_secrets = t.add_resource(secret_key(system, given))
    secrets = {
        name: t.add_resource(secret(system, given, name, key_of_secrets)) for name in system.secrets
    }
    for name in system.secrets:
        schedule = rotation(system, given, name, secrets[name])
        if schedule is not None:
            t.add_resource(schedule)
    return Outputs(
        load_balancer_security_group_id=(
            SecurityGroupId(GetAtt(group, "GroupId")) if group else None
        ),
        log_key_arn=KeyArn(GetAtt(key, "Arn")) if key else None,
        secret_key_arn=KeyArn(GetAtt(key_of_secrets, "Arn")) if key_of_secrets else None,
        secret_arn={name: SecretArn(Ref(one)) for name, one in secrets.items()},
    )


def load_balancer_security_group(system: System, given: Inputs) -> ec2.SecurityGroup:
    """Return the load balancer's security group: in from the internet; out only by the rules that
    routed services add.
    """
    ports = [80] if system.edge.protocol == "http" else [80, 443]
    return ec2.SecurityGroup(
        "LoadBalancerSecurityGroup",
        GroupDescription=f"Load balancer of {system.name}",
        VpcId=given.vpc_id,
        SecurityGroupIngress=[
            inline_rule(
                "HTTPS from the internet" if port == 443 else "HTTP from the internet",
                port,
                "0.0.0.0/0",
            )
            for port in ports
        ],
        SecurityGroupEgress=[no_egress()],
        Tags=named(f"{system.name_prefix}-load-balancer", given.environment_suffix),
    )


def log_key(system: System, given: Inputs) -> kms.Key:
    """Return the key that encrypts this system's log groups, rotated each year.

    It serves all names that begin and end as this system's do: CloudWatch Logs needs it to read
    what is retained of a service that the description no longer has, so that naming each service
    would make that unreadable (CloudWatch Logs API Reference, DisassociateKmsKey).
    """
    names = [log_group_name(system.name_prefix, "*", given.environment_suffix)]
    if system.has_web_acl:
        names.append(web_acl_log_group_name(system.name, given.environment_suffix))
    groups = [iam.arn("logs", "log-group:", name) for name in names]
    return customer_key(
        system,
        given.environment_suffix,
        "LogKey",
        iam.encrypt_log_groups(*groups),
        name="logs",
        description=f"Logs of {system.name}",
    )


def secret_key(system: System, given: Inputs) -> kms.Key:
    """Return the key that encrypts this system's secrets.

    Secrets Manager uses it as whoever reads or writes a value: their own policies say for which
    secret they may.
    """
    return customer_key(
        system,
        given.environment_suffix,
        "SecretKey",
        name="secrets",
        description=f"Secrets of {system.name}",
    )


def secret(system: System, given: Inputs, name: str, key: kms.Key | None) -> secretsmanager.Secret:
    """Return a secret whose values people set after it exists.

    CloudFormation mints a value again only when ``GenerateSecretString`` changes, so that this
    block never does, whatever keys the description declares: no update overwrites what people set.
    """
    one = secretsmanager.Secret(
        f"{pascal(name)}Secret",
        Name=suffixed(f"{system.name_prefix}-{name}", given.environment_suffix),
        Description=system.secrets[name].description,
        GenerateSecretString=secretsmanager.GenerateSecretString(
            SecretStringTemplate="{}", GenerateStringKey="unset", PasswordLength=32
        ),
    )
    if key is not None:
        one.KmsKeyId = GetAtt(key, "Arn")
    return keep(one, system.removal_policy)


def rotation(
    system: System, given: Inputs, name: str, one: secretsmanager.Secret
) -> secretsmanager.RotationSchedule | None:
    """Return what has a function replace a secret's values, if the description names one.

    Not at once: of a new secret people have yet to set the values, which a rotation replaces.
    """
    described = system.secrets[name].rotation
    if described is None:
        return None
    function = iam.filled_in(described.function, given.environment_suffix)
    return secretsmanager.RotationSchedule(
        f"{pascal(name)}Rotation",
        SecretId=Ref(one),
        RotationLambdaARN=iam.arn("lambda", "function:", function),
        RotationRules=secretsmanager.RotationRules(AutomaticallyAfterDays=described.days),
        RotateImmediatelyOnUpdate=False,
    )
