"""Rules for what cfn-lint and troposphere both accept, and AWS refuses or production regrets."""

from checks.findings import Finding, at
from checks.own import (
    containers,
    data,
    ecs,
    edge,
    network,
    registration,
    scaling,
    switches,
    watching,
)
from checks.own.rule import Rule
from checks.rendering import Rendering

RULES: tuple[Rule, ...] = (
    ecs.launch_type_and_strategy,
    ecs.rebalancing_without_room,
    ecs.fargate_without_network,
    ecs.health_check_command,
    ecs.stop_timeout,
    ecs.task_size,
    ecs.secrets_without_execution_role,
    ecs.no_weight,
    ecs.count_beside_scaling,
    ecs.provider_twice,
    edge.target_group_name,
    edge.load_balancer_name,
    edge.load_balancer_attributes,
    edge.target_group_attributes,
    edge.listener_attributes,
    edge.tls_policy,
    edge.timeout_above_interval,
    edge.priority_twice,
    data.secret_value_given,
    data.secret_with_two_values,
    scaling.min_above_max,
    scaling.request_count_without_label,
    scaling.nothing_scales,
    scaling.another_kind_of_policy,
    scaling.target_named_twice,
    scaling.another_dimension,
    registration.unknown_container,
    registration.target_type,
    registration.before_its_listener,
    registration.no_grace_period,
    registration.nobody_checks_its_health,
    registration.health_checks_differ,
    registration.no_circuit_breaker,
    containers.credential_in_environment,
    containers.image_by_tag,
    containers.one_role_for_both,
    containers.unknown_volume,
    containers.writable_root,
    containers.privileged,
    watching.alarm_on_everything,
    watching.alarm_that_nobody_hears,
    watching.logs_for_ever,
    watching.half_an_alarm,
    watching.silence_without_a_meaning,
    network.before_the_gateway,
    network.public_addresses_by_default,
    network.rules_without_a_reason,
    *switches.rules(),
)


def check(system: Rendering) -> list[Finding]:
    """Return where the templates of ``system`` break one of ``RULES``."""
    return [
        Finding(system.file(name), at(path), rule.id, message)
        for name, template in system.templates.items()
        for rule in RULES
        for path, message in rule.find(template)
    ]
