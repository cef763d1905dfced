"""Everything that this package takes from ministack: no other module imports it.

Private names are read here once, at import, so a ministack without one of them stops the local
AWS at its start and not in the middle of a deployment.
"""

import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

from localaws.compatibility import require_pinned_ministack

require_pinned_ministack()


@contextmanager
def _root_logger_untouched() -> Iterator[None]:
    """Undo what importing ministack does to the root logger of the program that uses us."""
    root = logging.getLogger()
    level = root.level
    silent = logging.NullHandler()  # ministack configures a root logger that has no handler
    root.addHandler(silent)
    yield
    root.removeHandler(silent)
    root.setLevel(level)


with _root_logger_untouched():
    app = import_module("ministack.app")
    policies = import_module("ministack.core.iam_evaluator")
    responses = import_module("ministack.core.responses")
    router = import_module("ministack.core.router")
    iam_actions = import_module("ministack.core.iam_actions")
    iam_evaluator = import_module("ministack.core.iam_evaluator")
    alb = import_module("ministack.services.alb")
    cloudwatch = import_module("ministack.services.cloudwatch")
    cloudwatch_logs = import_module("ministack.services.cloudwatch_logs")
    ec2 = import_module("ministack.services.ec2")
    ecr = import_module("ministack.services.ecr")
    ecs = import_module("ministack.services.ecs")
    iam = import_module("ministack.services.iam")
    kms = import_module("ministack.services.kms")
    route53 = import_module("ministack.services.route53")
    s3 = import_module("ministack.services.s3")
    secretsmanager = import_module("ministack.services.secretsmanager")
    servicediscovery = import_module("ministack.services.servicediscovery")
    sns = import_module("ministack.services.sns")
    sts = import_module("ministack.services.sts")
    lambdas = import_module("ministack.services.lambda_svc")
    waf = import_module("ministack.services.waf")
    cloudformation = import_module("ministack.services.cloudformation")
    changesets = import_module("ministack.services.cloudformation.changesets")
    drift = import_module("ministack.services.cloudformation.drift")
    engine = import_module("ministack.services.cloudformation.engine")
    handlers = import_module("ministack.services.cloudformation.handlers")
    helpers = import_module("ministack.services.cloudformation.helpers")
    provisioners = import_module("ministack.services.cloudformation.provisioners")
    stacks = import_module("ministack.services.cloudformation.stacks")

Properties = dict[str, Any]
Attributes = dict[str, Any]
Provisioned = tuple[str, Attributes]
Record = dict[str, Any]
Response = tuple[int, dict[str, str], bytes]
Parameters = dict[str, list[str]]
Action = Callable[[Parameters], Response]

# The server
application: Callable[..., Any] = app.app
service_handlers: MutableMapping[str, Callable[..., Any]] = app.SERVICE_HANDLERS
service_patterns: MutableMapping[str, Any] = router.SERVICE_PATTERNS
account_id: Callable[[], str] = responses.get_account_id
region: Callable[[], str] = responses.get_region
resource_of_request: Callable[..., str] = iam_actions.extract_resource_arn
action_of_request: Callable[..., str | None] = iam_actions.extract_iam_action
tags_of_request: Callable[..., Record] = iam_actions.request_tag_context
denial: Callable[[str, str, str, bool], str] = iam_actions.identity_denial_message
enforce: Callable[..., Any] = iam_evaluator.enforce
managed_policy: Callable[[str, str], Any] = iam_evaluator._resolve_managed_policy_document
pin_origin: Callable[[str, bool], None] = app.pin_request_origin
AuthError: Any = iam_evaluator.AuthError
iam_namespaces: MutableMapping[str, str] = iam_actions.SERVICE_TO_IAM_NAMESPACE
json_error: Callable[[str, str], Response] = responses.error_response_json

# CloudFormation: records of the current account and region
stack_records: MutableMapping[str, Record] = cloudformation._stacks
stack_events: MutableMapping[str, list[Record]] = cloudformation._stack_events
change_set_records: MutableMapping[str, Record] = cloudformation._change_sets
actions: MutableMapping[str, Action] = handlers._ACTION_HANDLERS

# CloudFormation: the engine
resource_handlers: MutableMapping[str, dict[str, Any]] = provisioners._RESOURCE_HANDLERS
stack_tag_property: MutableMapping[str, tuple[str, str]] = provisioners._STACK_TAG_PROPERTY
physical_name: Callable[..., str] = provisioners._physical_name
update_resource: Callable[..., Provisioned] = provisioners._update_resource
property_recreation: Callable[[str, str], str] = provisioners._property_recreation
delete_resource: Callable[..., None] = provisioners._delete_resource
add_event: Callable[..., None] = stacks._add_event
deploy_stack: Callable[..., Coroutine[Any, Any, None]] = stacks._deploy_stack_async
failed_operation: Callable[..., Record] = stacks._failed_operation
roll_back_operation: Callable[..., Coroutine[Any, Any, None]] = stacks._roll_back_operation
provision: Callable[..., tuple[Provisioned, str]] = stacks._provision_keeping_seed
runs_on_worker_thread: Callable[[str], bool] = stacks._runs_on_worker_thread
untagged_types: tuple[str, ...] = stacks._UNTAGGED_TYPES
with_stack_tags: Callable[..., Properties] = stacks._with_stack_tags
resolve_dynamic_references: Callable[..., Any] = stacks._resolve_dynamic_references
run_reentrant: Callable[..., Coroutine[Any, Any, Any]] = stacks.run_reentrant
resolved_for_diff: Callable[..., Record] = changesets._resolve_props_for_diff
replacement: Callable[..., str] = stacks._replacement
intrinsic_references: Callable[[Any], list[tuple[str, str | None]]] = engine._intrinsic_references
evaluate_conditions: Callable[..., dict[str, bool]] = engine._evaluate_conditions
resolve_references: Callable[..., Any] = engine._resolve_refs
resolve_parameters: Callable[..., dict[str, Record]] = engine._resolve_parameters
topological_sort: Callable[..., list[str]] = engine._topological_sort
validate_template: Callable[..., None] = engine.validate_template_support
resolve_document: Callable[..., Any] = helpers._resolve_document
error_response: Callable[..., Response] = helpers._error
no_value: object = engine._NO_VALUE

# Services whose own call does not keep everything
ecs_actions: MutableMapping[str, Callable[[Record], Response]] = ecs._ACTION_MAP
ecs_services: MutableMapping[str, Record] = ecs._services
ec2_subnets: Mapping[str, Record] = ec2._subnets
ec2_addresses: Mapping[str, Record] = ec2._addresses
ec2_nat_gateways: MutableMapping[str, Record] = ec2._nat_gateways
ec2_vpcs: Mapping[str, Record] = ec2._vpcs
ec2_security_groups: Mapping[str, Record] = ec2._security_groups
ec2_route_tables: Mapping[str, Record] = ec2._route_tables
ec2_internet_gateways: Mapping[str, Record] = ec2._internet_gateways
ec2_endpoints: Mapping[str, Record] = ec2._vpc_endpoints
ec2_flow_logs: MutableMapping[str, Record] = ec2._flow_logs
ec2_actions: MutableMapping[str, Action] = ec2._ACTION_MAP
ec2_filters: Callable[[Parameters], dict[str, list[str]]] = ec2._parse_filters
ec2_tag_on_create: Callable[[Parameters, str, str], None] = ec2._parse_tag_specs
ec2_permissions: Callable[[Parameters, str], list[Record]] = ec2._parse_ip_permissions
ec2_endpoint: Callable[..., str] = ec2._vpce_fields_xml
ec2_subnet_zone: Callable[[Properties], str] = provisioners._ec2_subnet_zone
zone_id: Callable[[str], str] = ec2._az_id_for_zone_name
ec2_tag_set: Callable[[str], str] = ec2._tag_set_xml
ecs_clusters: Mapping[str, Record] = ecs._clusters
create_namespace: Callable[..., tuple[Record | None, Response | None]] = (
    servicediscovery._create_namespace_record
)
namespaces: Mapping[str, Record] = servicediscovery._namespaces
hosted_zone: Callable[[str, Record], Record | None] = route53._same_name_zone_with_vpc
find_key: Callable[[str], Record | None] = kms._resolve_key
key_aliases: Mapping[str, str] = kms._aliases
discovery_services: Mapping[str, Record] = servicediscovery._services
discovery_instances: Mapping[str, Record] = servicediscovery._instances
create_discovery_service: Callable[[Record], Response] = servicediscovery._create_service
delete_discovery_service: Callable[[Record], Response] = servicediscovery._delete_service
load_balancing_actions: MutableMapping[str, Action] = alb._ACTION_MAP
load_balancing_error: Callable[[str, str], Response] = alb._error
load_balancers: Mapping[str, Record] = alb._lbs
load_balancer_attributes: Mapping[str, list[Record]] = alb._lb_attrs
listeners: Mapping[str, Record] = alb._listeners
listener_rules: Mapping[str, Record] = alb._rules
listener_actions: Callable[[Parameters, str], list[Record]] = alb._parse_actions
log_groups: Mapping[str, Record] = cloudwatch_logs._log_groups
repositories: Mapping[str, Record] = ecr._repositories
roles: Mapping[str, Record] = iam._roles
buckets: Mapping[str, Record] = s3._buckets
bucket_encryption: Mapping[str, str] = s3._bucket_encryption
bucket_policies: MutableMapping[str, str] = s3._bucket_policies
evaluate_policy: Callable[..., Any] = policies.evaluate_resource_policy
policy_request: Callable[..., Any] = policies.EvalContext
find_secret: Callable[[str], tuple[Any, Record | None]] = secretsmanager._resolve
secrets: Mapping[str, Record] = secretsmanager._secrets
drift_readers: dict[str, tuple[Callable[[str, Properties], Record | None], frozenset[str]]] = (
    drift._DRIFT_READERS
)
functions: Mapping[str, Record] = lambdas._functions
alarms: MutableMapping[str, Record] = cloudwatch._alarms
put_alarm: Callable[..., Response] = cloudwatch._put_metric_alarm
alarm_error: Callable[..., Response] = cloudwatch._error
tag_alarm: Callable[[str, list[Record]], None] = cloudwatch.cloudformation_set_metric_alarm_tags
web_acl: Callable[[str, str], Record] = waf.web_acl_record
web_acls: Mapping[str, Record] = waf._web_acls
web_acl_associations: Mapping[str, str] = waf._associations
topics: Mapping[str, Record] = sns._topics
subscribe: Action = sns._subscribe
target_groups: Mapping[str, Record] = alb._tgs
load_balancing_tags: MutableMapping[str, list[Record]] = alb._tags


def replace(name: str, new: object, *modules: ModuleType) -> None:
    """Put `new` at `name` in every module that imported it; AttributeError if one does not."""
    for module in modules:
        getattr(module, name)
        setattr(module, name, new)


def check_rights(enforced: bool) -> bool:
    """Let every request be checked against the policies of its caller, or none; return what was
    so before.
    """
    before: bool = app.AUTH
    vars(app)["AUTH"] = enforced
    return before


def rights_are_checked() -> bool:
    """Return whether requests are checked against the policies of their callers."""
    return bool(app.AUTH)


def name_services(names: Iterable[str]) -> None:
    """Say which services AWS has besides those that are answered here.

    Asked for one of them, ministack finds that out itself, and reads every description that
    botocore has: four seconds of computing.
    """
    getattr(router, "_KNOWN_AWS_SERVICE_NAMES")  # noqa: B009  it is still what ministack asks
    vars(router)["_KNOWN_AWS_SERVICE_NAMES"] = frozenset(names)
