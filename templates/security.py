"""Security: keys, and what they encrypt for the system as a whole: secrets and the alarm topic.

None of it is in the network: both are made at the same time.
"""

from dataclasses import dataclass
from functools import partial

from troposphere import GetAtt, Ref, kms, secretsmanager

from description.model import System
from templates import alarm_topic, iam
from templates.edges import Each, Stack, StackTemplate
from templates.keys import customer_key
from templates.kinds import EmailAddress, EnvironmentSuffix, KeyArn, SecretArn, TopicArn
from templates.lifecycle import keep
from templates.names import log_group_name, pascal, suffixed, web_acl_log_group_name


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What security needs to know; the address only where there are alarms."""

    environment_suffix: EnvironmentSuffix
    alarm_email: EmailAddress | None


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What security is for others."""

    log_key_arn: KeyArn | None
    secret_key_arn: KeyArn | None
    secret_arn: Each[SecretArn]
    alarm_topic_arn: TopicArn | None


NOTHING = Outputs(log_key_arn=None, secret_key_arn=None, secret_arn={}, alarm_topic_arn=None)
"""What there is without this stack."""


def is_needed(system: System) -> bool:
    """Return whether ``system`` has anything that belongs here."""
    return (
        system.alarms
        or system.logs.key == "customer"
        or (bool(system.secrets) and system.secrets_key == "customer")
        or 1 in system.shards_of_secrets
    )


def stack(system: System) -> Stack[Inputs, Outputs]:
    """Return the security stack of ``system``."""
    return Stack(
        "security", f"Keys, secrets and alarm topic of {system.name}", partial(build, system)
    )


def build(system: System, t: StackTemplate, given: Inputs) -> Outputs:
    """Fill the security stack's template."""
    key = key_of_secrets = topic = None
    if system.logs.key == "customer":
        key = t.add_resource(log_key(system, given))
    if system.secrets and system.secrets_key == "customer":
        key_of_secrets = t.add_resource(secret_key(system, given))
    secret_key_arn = KeyArn(GetAtt(key_of_secrets, "Arn")) if key_of_secrets else None
    suffix = given.environment_suffix
    secrets = add_secrets(system, t, 1, suffix, secret_key_arn)
    if given.alarm_email is not None:
        topic = alarm_topic.add(system, t, suffix, given.alarm_email)
    return Outputs(
        log_key_arn=KeyArn(GetAtt(key, "Arn")) if key else None,
        secret_key_arn=secret_key_arn,
        secret_arn=secrets,
        alarm_topic_arn=topic,
    )


@dataclass(frozen=True, kw_only=True)
class FurtherInputs:
    """What a further shard of the secrets needs to know."""

    environment_suffix: EnvironmentSuffix
    secret_key_arn: KeyArn | None


@dataclass(frozen=True, kw_only=True)
class FurtherOutputs:
    """What a further shard is for others."""

    secret_arn: Each[SecretArn]


def further(system: System, shard: int) -> Stack[FurtherInputs, FurtherOutputs]:
    """Return the stack of a further shard of the secrets, from 2 on."""

    def build_further(t: StackTemplate, given: FurtherInputs) -> FurtherOutputs:
        return FurtherOutputs(
            secret_arn=add_secrets(system, t, shard, given.environment_suffix, given.secret_key_arn)
        )

    return Stack(f"security-{shard}", f"More secrets of {system.name}", build_further)


def add_secrets(
    system: System, t: StackTemplate, shard: int, suffix: EnvironmentSuffix, key: KeyArn | None
) -> dict[str, SecretArn]:
    """Add a shard of the secrets, and what has their values replaced; return their ARNs by name."""
    arns = {}
    for name in system.shards_of_secrets.get(shard, ()):
        one = t.add_resource(secret(system, suffix, name, key))
        schedule = rotation(system, suffix, name, one)
        if schedule is not None:
            t.add_resource(schedule)
        arns[name] = SecretArn(Ref(one))
    return arns


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


def secret(
    system: System, suffix: EnvironmentSuffix, name: str, key: KeyArn | None
) -> secretsmanager.Secret:
    """Return a secret whose values people set after it exists.

    CloudFormation mints a value again only when ``GenerateSecretString`` changes, so that this
    block never does, whatever keys the description declares: no update overwrites what people set.
    """
    one = secretsmanager.Secret(
        f"{pascal(name)}Secret",
        Name=suffixed(f"{system.name_prefix}-{name}", suffix),
        Description=system.secrets[name].description,
        GenerateSecretString=secretsmanager.GenerateSecretString(
            SecretStringTemplate="{}", GenerateStringKey="unset", PasswordLength=32
        ),
    )
    if key is not None:
        one.KmsKeyId = key
    return keep(one, system.removal_policy)


def rotation(
    system: System, suffix: EnvironmentSuffix, name: str, one: secretsmanager.Secret
) -> secretsmanager.RotationSchedule | None:
    """Return what has a function replace a secret's values, if the description names one.

    Not at once: of a new secret people have yet to set the values, which a rotation replaces.
    """
    described = system.secrets[name].rotation
    if described is None:
        return None
    function = iam.filled_in(described.function, suffix)
    return secretsmanager.RotationSchedule(
        f"{pascal(name)}Rotation",
        SecretId=Ref(one),
        RotationLambdaARN=iam.arn("lambda", "function:", function),
        RotationRules=secretsmanager.RotationRules(AutomaticallyAfterDays=described.days),
        RotateImmediatelyOnUpdate=False,
    )
