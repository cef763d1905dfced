"""Roles: what the services' tasks may do, and where they write what they say.

They are here and not in the stacks of the services: they wait for keys and secrets only, and so are
made beside the load balancer that those wait for.
"""

from dataclasses import dataclass

from troposphere import AccountId, GetAtt, logs
from troposphere.iam import Role

from description.model import System
from templates import guardduty, iam, kinds, task
from templates.edges import Each, Stack, StackTemplate
from templates.kinds import Days, EnvironmentSuffix, KeyArn, RoleArn, SecretArn
from templates.lifecycle import keep
from templates.names import log_group_name, pascal


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What the roles and log groups need to know."""

    environment_suffix: EnvironmentSuffix
    registry_account_id: kinds.AccountId | None
    secret_key_arn: KeyArn | None
    secret_arn: Each[SecretArn]
    log_retention_days: Days
    log_key_arn: KeyArn | None


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """What they are for others, by service."""

    execution_role_arn: Each[RoleArn]
    task_role_arn: Each[RoleArn]


def stack(system: System, shard: int) -> Stack[Inputs, Outputs]:
    """Return the stack of a shard of the services' roles and log groups."""
    name = "roles" if shard == 1 else f"roles-{shard}"

    def build(t: StackTemplate, given: Inputs) -> Outputs:
        return add(system, t, given, shard)

    return Stack(name, f"Roles and log groups of {system.name}", build)


def add(system: System, t: StackTemplate, given: Inputs, shard: int) -> Outputs:
    """Fill the template of a shard."""
    starts, codes = {}, {}
    for name in system.shards_of_services.get(shard, ()):
        group = t.add_resource(log_group(system, name, given))
        starter = t.add_resource(execution_role(system, name, given, group))
        starts[name] = RoleArn(GetAtt(starter, "Arn"))
        codes[name] = RoleArn(GetAtt(t.add_resource(task_role(system, name, given)), "Arn"))
    return Outputs(execution_role_arn=starts, task_role_arn=codes)


def log_group(system: System, name: str, given: Inputs) -> logs.LogGroup:
    """Return a service's log group; its name is one that the log key's policy allows."""
    group = logs.LogGroup(
        f"{pascal(name)}LogGroup",
        LogGroupName=log_group_name(system.name_prefix, name, given.environment_suffix),
        RetentionInDays=given.log_retention_days,
    )
    if given.log_key_arn is not None:
        group.KmsKeyId = given.log_key_arn
    return keep(group, system.removal_policy)


def execution_role(system: System, name: str, given: Inputs, group: logs.LogGroup) -> Role:
    """Return the role with which ECS starts a service's tasks, and no other service's."""
    repository = task.repository(system, name, given.environment_suffix)
    allowed = [
        iam.authenticate_to_ecr(),
        iam.pull_image(
            iam.arn(
                "ecr", "repository/", repository, account=given.registry_account_id or AccountId
            )
        ),
        guardduty.pull_agent(),
        iam.write_logs(GetAtt(group, "Arn")),
    ]
    secrets = [given.secret_arn[one] for one in system.services[name].secret_names]
    if secrets:
        allowed.append(iam.read_secrets(secrets))
        if given.secret_key_arn is not None:
            allowed.append(iam.decrypt_secrets(given.secret_key_arn, secrets))
    return iam.ecs_task_role(
        f"{pascal(name)}ExecutionRole", f"Starts the tasks of {name}", *allowed
    )


def task_role(system: System, name: str, given: Inputs) -> Role:
    """Return the role of a service's own code: what its description says, nothing else."""
    return iam.ecs_task_role(
        f"{pascal(name)}TaskRole",
        f"What the code of {name} may do",
        *(
            iam.act(one.sid, one.actions, one.resources, given.environment_suffix)
            for one in system.services[name].permissions
        ),
    )
