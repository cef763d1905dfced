"""Examples for permissions, routes, secrets and services."""

from description.rules import permissions, room, routes, secrets, services
from tests.description.examples import (
    ARN,
    CHECK,
    Example,
    calling,
    many_secrets,
    many_services,
    permission,
    reading,
    routed,
    secret,
    service,
)

EXAMPLES = [
    Example(
        services.services_fit_into_the_parent,
        many_services(301),
        ["services: are too many"],
        many_services(300),
    ),
    Example(
        services.shards_have_room,
        many_services(86),
        [
            "services: 86 are in shard 1, which holds 85. Of those that are not deployed yet give "
            "1 shard: 2; what is deployed cannot move"
        ],
        many_services(85),
    ),
    Example(
        services.shards_have_room,
        many_secrets(171, "shard: 3"),
        [
            "secrets: 171 are in shard 3, which holds 170. Of those that are not deployed yet give "
            "1 shard: 1; what is deployed cannot move"
        ],
        many_secrets(170, ""),
    ),
    Example(
        services.shards_have_room,
        many_services(300),
        [
            "services: 300 are in shard 1, which holds 85. Of those that are not deployed yet give "
            "85 shard: 2, 85 shard: 3 and 45 shard: 4; what is deployed cannot move"
        ],
        many_services(85),
    ),
    Example(
        room.services_fit_into_their_stacks,
        calling(160, 6),
        [
            "services.hub: calls 160 services and reads 6 secrets, which are too many parameters "
            "for its stack"
        ],
        calling(160, 5),
    ),
    Example(
        room.services_fit_into_their_stacks,
        calling(165, 0, routes=101),
        [
            "services.hub: has 101 routes and calls 165 services, which are too many resources "
            "for its stack"
        ],
        calling(165, 0, routes=100),
    ),
    Example(
        room.roles_of_a_shard_fit_into_their_stack,
        reading(88),
        [
            "services: those of shard 2 read 176 secrets, which are too many parameters for the "
            "stack of their roles"
        ],
        reading(87),
    ),
    Example(
        permissions.sids_differ,
        service(
            f"permissions: [{{sid: A, actions: ['a:B'], resources: ['{ARN}']}},"
            f" {{sid: A, actions: ['a:C'], resources: ['{ARN}']}}]"
        ),
        ["services.api.permissions[1].sid: is the sid of another permission of this service"],
        service(
            f"permissions: [{{sid: A, actions: ['a:B'], resources: ['{ARN}']}},"
            f" {{sid: B, actions: ['a:C'], resources: ['{ARN}']}}]"
        ),
    ),
    *(
        Example(
            permissions.arns_fit_every_account,
            permission(wrong),
            [f"services.api.permissions[0].resources[0]: {says}"],
            permission(right),
        )
        for wrong, says, right in [
            (ARN.replace("${AWS::AccountId}", "123456789012"), "names an account", ARN),
            (ARN.replace("${AWS::Partition}", "aws"), "names a partition", ARN),
            (ARN.replace("paid", "${Env}"), "has an unknown placeholder ${Env}", f"{ARN}-*"),
            (ARN.replace("${AWS::Region}", "*"), "has a wildcard before the resource", ARN),
            (ARN.replace("paid", "*"), "names everything in sns", f"{ARN}-${{EnvironmentSuffix}}"),
            ("arn:${AWS::Partition}:sns", "is not an ARN", ARN),
            ("arn:${AWS::Partition}:s3:::*", "names everything in s3", f"{ARN}/*"),
        ]
    ),
    Example(
        permissions.arns_fit_every_account,
        permission("arn:${AWS::Partition}:s3:::"),
        ["services.api.permissions[0].resources[0]: is not an ARN"],
        permission("arn:${AWS::Partition}:s3:::receipts/*"),
    ),
    Example(
        routes.routed_services_have_a_port,
        service("routes: [{priority: 1, paths: [/]}]"),
        ["services.api.port: is missing, but the service has routes"],
        service("port: 80, routes: [{priority: 1, paths: [/]}]"),
    ),
    Example(
        routes.a_load_balancer_has_room_for_all,
        many_services(102, "port: 80, routes: [{priority: 1, paths: [/]}]"),
        [
            "services.s100.routes: are too many: 100 services before have routes",
            "services.s101.routes: are too many: 100 services before have routes",
        ],
        many_services(100, "port: 80, routes: [{priority: 1, paths: [/]}]"),
    ),
    Example(
        routes.priorities_differ,
        routed("priority: 1, paths: [/a]", "priority: 2, paths: [/b]", "priority: 1, paths: [/c]"),
        ["services.api.routes[2].priority: is the priority of {other} too"],
        routed("priority: 1, paths: [/a]", "priority: 2, paths: [/b]", "priority: 3, paths: [/c]"),
    ),
    Example(
        routes.requests_match_one_route,
        routed("priority: 1, paths: [/a, /b]", "priority: 2, paths: [/b, /c]"),
        ["services.api.routes[1]: matches path /b of host *, as {other} does"],
        routed("priority: 1, paths: [/a, /b]", "priority: 2, paths: [/B, /c]"),
    ),
    Example(
        routes.requests_match_one_route,
        routed("priority: 1, hosts: [a.eu]", "priority: 2, hosts: [b.eu, A.eu]"),
        ["services.api.routes[1]: matches path /* of host a.eu, as {other} does"],
        routed("priority: 2, hosts: [a.eu]", "priority: 1, hosts: [a.eu], paths: [/a]"),
    ),
    Example(
        routes.every_route_can_match,
        routed("priority: 1, paths: [/*]", "priority: 2, paths: [/a, /b/*], hosts: [a.eu]"),
        ["services.api.routes[1].priority: comes after {other}, which takes all of its requests"],
        routed("priority: 2, paths: [/*]", "priority: 1, paths: [/a, /b/*], hosts: [a.eu]"),
    ),
    Example(
        routes.every_route_can_match,
        routed("priority: 1, hosts: ['*.eu']", "priority: 2, hosts: [a.eu, '*.b.eu']"),
        ["services.api.routes[1].priority: comes after {other}, which takes all of its requests"],
        routed("priority: 1, hosts: ['*.eu']", "priority: 2, hosts: [a.eu, '*.b.com']"),
    ),
    Example(
        routes.every_route_can_match,
        routed("priority: 1, paths: [/a/*, /b]", "priority: 2, paths: [/a/c]"),
        ["services.api.routes[1].priority: comes after {other}, which takes all of its requests"],
        routed("priority: 1, paths: [/a/*, /b]", "priority: 1, paths: [/a/c]"),
    ),
    Example(
        routes.every_route_can_match,
        routed("priority: 1, paths: [/*]", "priority: 2, hosts: [a.eu]"),
        ["services.api.routes[1].priority: comes after {other}, which takes all of its requests"],
        routed("priority: 1, paths: [/a*]", "priority: 2, hosts: [a.eu]"),
    ),
    Example(
        routes.every_route_can_match,
        routed("priority: 1, paths: [/a?]", "priority: 2, paths: [/ab]"),
        ["services.api.routes[1].priority: comes after {other}, which takes all of its requests"],
        routed("priority: 1, paths: [/a?]", "priority: 2, paths: [/a*]"),
    ),
    Example(
        secrets.keys_read_are_declared,
        secret("[user]", "{A: {secret: dbs, key: user}, B: {secret: db, key: use}}"),
        [
            "services.api.secrets.A.secret: is not a secret of this system; did you mean db?",
            "services.api.secrets.B.key: is not a key of secrets.db; did you mean user?",
        ],
        secret("[user]", "{A: {secret: db, key: user}}"),
    ),
    Example(
        secrets.keys_declared_are_read,
        secret("[user, pass]", "{A: {secret: db, key: user}}"),
        ["secrets.db.keys[1]: is a key that no service reads"],
        secret("[user, pass]", "{A: {secret: db, key: user}, B: {secret: db, key: pass}}"),
    ),
    Example(
        secrets.keys_declared_are_read,
        secret("[user, pass]", "{}"),
        ["secrets.db: is a secret that no service reads"],
        secret("[user]", "{A: {secret: db, key: user}}"),
    ),
    Example(
        secrets.variables_have_one_value,
        service("secrets: {A: {secret: db, key: a}}, environment: {A: b}"),
        ["services.api.environment.A: is in services.api.secrets too"],
        service("secrets: {A: {secret: db, key: a}}, environment: {B: b}"),
    ),
    Example(
        secrets.nothing_secret_is_in_the_environment,
        service(
            "environment: {PASSWORD: x, DB_PASSWORD_OLD: x, STRIPE_API_KEY: x, JWT_SECRET: x,"
            " GITHUB_TOKEN: x, AWS_ACCESS_KEY_ID: x, PRIVATE_KEY: x}"
        ),
        [
            f"services.api.environment.{name}: has the name of a credential, and would be readable"
            " by many"
            for name in (
                "PASSWORD",
                "DB_PASSWORD_OLD",
                "STRIPE_API_KEY",
                "JWT_SECRET",
                "GITHUB_TOKEN",
                "AWS_ACCESS_KEY_ID",
                "PRIVATE_KEY",
            )
        ],
        service(
            "environment: {TOKEN_URL: x, SECRET_NAME: x, TOKEN_TTL: x, KEYBOARD: x, TOKENIZER: x,"
            " API_KEY_FILE: x, PUBLIC_KEY: x}"
        ),
    ),
    Example(
        secrets.nothing_secret_is_in_the_environment,
        service("environment: {A: 'postgres://me:pw@db/x', B: sk_live_1, C: AKIAABCDEFGHIJKLMNOP}"),
        [
            f"services.api.environment.{name}: has the value of a credential, and would be readable"
            " by many"
            for name in "ABC"
        ],
        service("environment: {A: 'postgres://db:5432/x', B: 'https://a.eu/@x', C: risk_live}"),
    ),
    Example(
        secrets.nothing_else_is_a_credential,
        "tags: {DB_PASSWORD: x, Db: 'postgres://a:pw@h/x', Team: AKIAABCDEFGHIJKLMNOP}",
        [
            f"tags.{key}: has the {looks} of a credential, and would be readable by many"
            for key, looks in (("DB_PASSWORD", "name"), ("Db", "value"), ("Team", "value"))
        ],
        "tags: {PASSWORD_POLICY: x, Db: 'postgres://h/x', Team: a}",
    ),
    Example(
        secrets.nothing_else_is_a_credential,
        service("health_check: {command: [CMD, curl, 'http://me:pw@localhost/']}"),
        [
            "services.api.health_check.command[2]: has the value of a credential, and would be"
            " readable by many"
        ],
        service("health_check: {command: [CMD, curl, 'http://localhost/']}"),
    ),
    Example(
        services.routed_services_on_spot_have_a_fargate_base,
        service(
            "port: 80, routes: [{priority: 1, paths: [/]}],"
            " capacity: {spot_weight: 1, fargate_base: 1}"
        ),
        [
            "services.api.capacity.fargate_base: is too low for a service with routes on Fargate"
            " Spot"
        ],
        service(
            "port: 80, routes: [{priority: 1, paths: [/]}],"
            " capacity: {spot_weight: 1, fargate_base: 2}"
        ),
    ),
    Example(
        services.routed_services_on_spot_have_a_fargate_base,
        service("port: 80, routes: [{priority: 1, paths: [/]}], capacity: {spot_weight: 1}"),
        [
            "services.api.capacity.fargate_base: is too low for a service with routes on Fargate"
            " Spot"
        ],
        service("port: 80, capacity: {spot_weight: 1}"),
    ),
    Example(
        services.requests_per_target_have_routes,
        service("scaling: {requests_per_target: 100}"),
        [
            "services.api.scaling.requests_per_target: is given, but no route brings requests that"
            " would be counted"
        ],
        service("routes: [{priority: 1, paths: [/]}], scaling: {requests_per_target: 100}"),
    ),
    Example(
        services.services_without_routes_check_themselves,
        service("port: 80"),
        [
            "services.api.health_check.command: is missing, and no load balancer checks a service"
            " without routes"
        ],
        service(f"port: 80, {CHECK}"),
    ),
    Example(
        services.tasks_outlive_what_still_reaches_them,
        service("routes: [{priority: 1, paths: [/]}], stop_timeout: 59, deregistration_delay: 60"),
        ["services.api.stop_timeout: ends before the load balancer lets go"],
        service("routes: [{priority: 1, paths: [/]}], stop_timeout: 60, deregistration_delay: 60"),
    ),
    Example(
        services.tasks_outlive_what_still_reaches_them,
        service("port: 80, stop_timeout: 9"),
        ["services.api.stop_timeout: ends before callers have forgotten a task's address"],
        service("stop_timeout: 9"),
    ),
    Example(
        services.tasks_outlive_what_still_reaches_them,
        service("port: 80, stop_timeout: 2"),
        ["services.api.stop_timeout: ends before callers have forgotten a task's address"],
        service("port: 80, stop_timeout: 10"),
    ),
    Example(
        services.repositories_are_given_where_they_exist,
        service("repository: team/api"),
        ["services.api.repository: is given, but the system makes its repositories"],
        f"registry: {{mode: existing}}\n{service('repository: team/api')}",
    ),
    Example(
        services.settings_have_an_effect,
        "registry: {mode: existing, scan_on_push: true, lifecycle: {untagged_days: 3}}",
        [
            "registry.lifecycle: has no effect on repositories that exist already",
            "registry.scan_on_push: has no effect on repositories that exist already",
        ],
        "registry: {mode: create, scan_on_push: true, lifecycle: {untagged_days: 3}}",
    ),
    Example(
        services.settings_have_an_effect,
        "edge: {protocol: http, tls_policy: ELBSecurityPolicy-TLS13-1-3-2021-06}",
        ["edge.tls_policy: has no effect without HTTPS"],
        "edge: {protocol: https, tls_policy: ELBSecurityPolicy-TLS13-1-3-2021-06}",
    ),
]
