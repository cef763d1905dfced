"""Consistency: what has to agree across the whole nest, and with the description.

A health check asks for another path than the container answers, a scaling policy follows another
service, a parameter ends up at a property that it is not for: every template is right by itself,
and together they are wrong. What cannot be resolved is E9700.
"""

from collections.abc import Mapping

from checks.consistency import (
    additions,
    alarms,
    discovery,
    edge,
    firewall,
    keys,
    kinds,
    lifecycle,
    logs,
    names,
    network,
    order,
    outputs,
    phases,
    presence,
    records,
    registry,
    scaling,
    secrets,
    sizes,
    tasks,
)
from checks.consistency.nest import Nest
from checks.consistency.rule import Rule
from checks.findings import Finding
from checks.rendering import Rendering
from checks.resolved import ResolutionError, resolve
from description.model import System as Description

RULES: tuple[Rule, ...] = (
    presence.services_are_whole,
    presence.system_is_whole,
    presence.nobody_uses_it,
    additions.not_ours,
    kinds.another_kind,
    tasks.container_as_described,
    tasks.health_checks_as_described,
    tasks.its_own,
    tasks.task_as_described,
    tasks.roles_not_shared,
    tasks.image_as_given,
    names.same_name_twice,
    tasks.stopped_too_soon,
    names.name_of_another_environment,
    scaling.target_of_another_service,
    scaling.metrics_as_described,
    scaling.requests_of_another_service,
    discovery.namespace_as_described,
    discovery.entry_as_described,
    discovery.registered_where_it_is_found,
    network.halves_of_a_connection,
    edge.answers_without_a_route,
    edge.listener_as_described,
    edge.attributes_as_described,
    edge.grace_as_described,
    logs.logs_of_another_service,
    logs.kept_for_another_time,
    keys.another_key_than_described,
    keys.key_for_two_purposes,
    firewall.firewall_as_described,
    firewall.firewall_unrecorded,
    records.load_balancer_logs,
    records.network_logs,
    records.bucket_of_logs,
    records.before_it_may_write,
    secrets.secrets_as_described,
    secrets.credentials_in_the_open,
    secrets.secret_without_a_beginning,
    secrets.rotated_as_described,
    lifecycle.removed_otherwise,
    lifecycle.no_way_back,
    lifecycle.tags_as_described,
    lifecycle.without_a_name,
    lifecycle.tasks_without_tags,
    lifecycle.unwatched_cluster,
    registry.repositories_as_described,
    outputs.something_else,
    alarms.nobody_is_told,
    alarms.watches_something_else,
    alarms.no_such_metric,
    alarms.unwatched,
    alarms.deployment_alarms,
    alarms.thresholds_as_described,
    order.before_its_capacity,
    order.before_its_rules,
    order.before_its_service,
    order.before_its_rights,
    order.capacity_as_described,
    order.deployments_with_room,
    sizes.policies_of_a_role,
    sizes.policy_of_an_endpoint,
    sizes.size_of_a_task,
)
"""The rules over a system with all of its images known."""

REASONS: Mapping[str, str] = {
    **{rule.id: rule.reason for rule in RULES},
    phases.ID: phases.REASON,
    "E9700": "Require that the system can be resolved: what cannot be followed cannot be checked.",
}
"""Each id, and what it demands and why."""


def check(
    rendering: Rendering, described: Description, parameters: Mapping[str, str]
) -> list[Finding]:
    """Return where the templates of a system, deployed with ``parameters``, all images and somebody
    who hears of alarms, do not fit together or are not what its description says.
    """
    try:
        system = resolve(rendering, with_a_listener(rendering, parameters))
    except ResolutionError as error:
        return [error.finding("E9700")]
    nest = Nest(rendering, system, described)
    return [hit.finding(rule.id) for rule in RULES for hit in rule.find(nest)]


def with_a_listener(rendering: Rendering, parameters: Mapping[str, str]) -> dict[str, str]:
    """Return ``parameters`` with somebody who hears of alarms, so that all resources are there."""
    given = dict(parameters)
    if alarms.EMAIL in rendering.templates["parent.json"].get("Parameters", {}):
        given[alarms.EMAIL] = parameters.get(alarms.EMAIL) or "someone@example.com"
    return given


def check_without_images(
    rendering: Rendering, described: Description, parameters: Mapping[str, str]
) -> list[Finding]:
    """Return what is wrong with a system while no image is known, or one only. It is the same in
    every environment.
    """
    return list(phases.check(rendering, described, parameters))
