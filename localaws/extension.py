"""Put everything of this package into ministack, once per process."""

import asyncio
from functools import cache
from typing import Any

from localaws import (
    alarms,
    autoscaling,
    caller_rights,
    changesets,
    conditions,
    ec2_gaps,
    emulator,
    events,
    flow_logs,
    namespaces,
    nat,
    nest,
    nested,
    nested_changes,
    operations,
    pace,
    parameters,
    replacement,
    stack_policies,
    stack_settings,
    stack_tags,
    subscriptions,
    template_checks,
    updates,
    web_acls,
    zones,
)
from localaws.clients import loader
from localaws.loops import serving_loop
from localaws.resources import alarms as alarm_types
from localaws.resources import autoscaling as autoscaling_types
from localaws.resources import ec2, ecs, load_balancing, others, rotation, s3, secrets, topics
from localaws.resources import flow_logs as flow_log_types
from localaws.resources import web_acls as web_acl_types
from localaws.resources.registry import ResourceType, register
from localaws.rules import (
    attributes,
    balancer_logs,
    duplicates,
    gateways,
    listeners,
    references,
    subnets,
    uses,
)

_NESTED_STACK = ResourceType(
    nest.TYPE,
    "Parameters TemplateURL",
    nested.create,
    lambda physical_id, _old, new, stack, _logical_id: nested.update(physical_id, new, stack),
    nested.delete,
)

RESOURCE_TYPES = [
    _NESTED_STACK,
    *alarm_types.TYPES,
    *autoscaling_types.TYPES,
    *ec2.TYPES,
    *ecs.TYPES,
    *flow_log_types.TYPES,
    *load_balancing.TYPES,
    *others.TYPES,
    *rotation.TYPES,
    *s3.TYPES,
    *secrets.TYPES,
    *topics.TYPES,
    *web_acl_types.TYPES,
]


def install(*, enforce_iam: bool = False) -> bool:
    """Extend ministack, once per process, and say whether it checks who may call what; return
    whether it did so before.
    """
    _extend()
    return emulator.check_rights(enforce_iam)


@cache
def _extend() -> None:
    known = loader().list_available_services("service-2")
    emulator.name_services({*known, *(name.replace("-", "") for name in known)})
    register(RESOURCE_TYPES)
    alarms.install()
    autoscaling.install()
    nat.install()
    ec2_gaps.install()
    flow_logs.install()
    namespaces.install()
    secrets.install()
    subscriptions.install()
    web_acls.install()
    zones.install()
    changesets.install()
    caller_rights.install()
    stack_settings.install()
    stack_policies.install()
    operations.install()
    pace.install()
    _install_rules()
    _replace_functions()


def _install_rules() -> None:
    """Put the rules in front of the services' calls, those that are ours too."""
    attributes.install()
    balancer_logs.install()
    duplicates.install()
    gateways.install()
    listeners.install()
    references.install()
    subnets.install()
    uses.install()


def _replace_functions() -> None:
    emulator.replace(
        "_evaluate_conditions",
        conditions.evaluate,
        emulator.engine,
        emulator.changesets,
        emulator.handlers,
        emulator.stacks,
    )
    emulator.replace(
        "_property_recreation", replacement.recreation, emulator.provisioners, emulator.stacks
    )
    emulator.replace(
        "_update_resource", events.update_resource, emulator.provisioners, emulator.stacks
    )
    emulator.replace(
        "_resolve_props_for_diff", nested_changes.resolved_for_diff, emulator.changesets
    )
    emulator.replace("_UNTAGGED_TYPES", stack_tags.UNTAGGED, emulator.stacks)
    emulator.replace("_delete_resource", updates.delete_resource, emulator.stacks)
    emulator.replace("_deploy_stack_async", updates.deploy, emulator.changesets, emulator.handlers)
    emulator.replace(
        "_add_event", events.add_event, emulator.stacks, emulator.changesets, emulator.handlers
    )
    emulator.replace(
        "validate_template_support",
        template_checks.validate,
        emulator.engine,
        emulator.changesets,
        emulator.handlers,
    )
    emulator.replace(
        "_resolve_parameters",
        parameters.resolve,
        emulator.engine,
        emulator.changesets,
        emulator.handlers,
    )
    emulator.replace("_resolve_document", template_checks.resolve_document, emulator.helpers)


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Serve ministack, without the other listeners that it opens when it starts."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    serving_loop.set(asyncio.get_running_loop())
    await emulator.application(scope, receive, send)


async def _live(receive: Any, send: Any) -> None:
    """Answer the server's start and stop, and do nothing else."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
