"""Examples for calls, lists, names and the network."""

from description.rules import calls, lists, names, network, profiles
from tests.description.examples import ARN, Example, permission, routed, service
from tests.description.written import WORKER

EXAMPLES = [
    Example(
        calls.calls_reach_services_with_a_port,
        service("calls: [api]"),
        ["services.api.calls[0]: is the service itself"],
        service("calls: [other]"),
    ),
    Example(
        calls.calls_reach_services_with_a_port,
        service("calls: [others]"),
        ["services.api.calls[0]: is not a service of this system; did you mean other?"],
        service("calls: [other]"),
    ),
    Example(
        calls.calls_reach_services_with_a_port,
        f"services: {{api: {{calls: [worker]}}, worker: {WORKER}}}",
        ["services.api.calls[0]: has no port to call"],
        "services: {api: {calls: [worker]}, worker: {port: 80}}",
    ),
    Example(
        calls.calls_reach_services_with_a_port,
        "services: {a: {port: 1, calls: [b]}, b: {port: 1, calls: [a, c]}}",
        ["services.b.calls[1]: is not a service of this system"],
        "services: {a: {port: 1, calls: [b]}, b: {port: 1, calls: [a]}}",
    ),
    Example(
        calls.addresses_in_the_environment_are_those_of_calls,
        service("environment: {URL: 'http://other.payment.local:80/'}"),
        ["services.api.environment.URL: other cannot be reached"],
        service("calls: [other], environment: {URL: 'http://other.payment.local:80/'}"),
    ),
    Example(
        calls.addresses_in_the_environment_are_those_of_calls,
        service("calls: [other], environment: {HOSTS: 'other.payment.local:81,x.payment.local'}"),
        [
            "services.api.environment.HOSTS: other does not listen on port 81",
            "services.api.environment.HOSTS: x is not a service of this system",
        ],
        service(
            "calls: [other], environment: {A: other.payment.local, B: x.payment.local.example.com,"
            " C: 'https://x.example.com', D: payment.local}"
        ),
    ),
    Example(
        profiles.unused_profile,
        "profiles: {development: {namespace: dev.local}}",
        ["profiles.development: is for no environment"],
        "environments: {dev: development}\nprofiles: {development: {namespace: dev.local}}",
    ),
    Example(
        profiles.profiles_share_what_identifies_a_system,
        "profiles: {production: {name: other, namespace: b.c, environments: {}}}",
        [
            "profiles.production.name: is the same in every profile",
            "profiles.production.environments: is the same in every profile",
        ],
        "profiles: {production: {namespace: b.c}}",
    ),
    Example(
        lists.lists_name_each_item_once,
        service("calls: [other, other], writable_paths: [/a, /b, /a]"),
        [
            "services.api.calls[1]: is in the list already",
            "services.api.writable_paths[2]: is in the list already",
        ],
        service("calls: [other], writable_paths: [/a, /b]"),
    ),
    Example(
        lists.lists_name_each_item_once,
        routed("priority: 1, paths: [/a, /b, /a], hosts: [a.eu, A.eu]"),
        [
            "services.api.routes[0].paths[2]: is in the list already",
            "services.api.routes[0].hosts[1]: is in the list already",
        ],
        routed("priority: 1, paths: [/a, /A], hosts: [a.eu, b.eu]"),
    ),
    Example(
        lists.lists_name_each_item_once,
        "secrets: {db: {description: x, keys: [a, b, a]}}",
        ["secrets.db.keys[2]: is in the list already"],
        "secrets: {db: {description: x, keys: [a, b]}, other: {description: x, keys: [a]}}",
    ),
    Example(
        lists.lists_name_each_item_once,
        service(
            f"permissions: [{{sid: A, actions: ['a:B', 'a:B'], resources: ['{ARN}', '{ARN}']}}]"
        ),
        [
            "services.api.permissions[0].actions[1]: is in the list already",
            "services.api.permissions[0].resources[1]: is in the list already",
        ],
        permission(ARN),
    ),
    Example(
        names.logical_ids_differ,
        "services: {a-1: {}, a1: {}}\nsecrets: {b-2-c: {description: x, keys: [a]}, "
        "b2-c: {description: x, keys: [a]}}",
        [
            "services.a1: becomes the logical id A1, as a-1 does",
            "secrets.b2-c: becomes the logical id B2C, as b-2-c does",
        ],
        "services: {a-b: {}, ab: {}, a1: {}}\nsecrets: {a1: {description: x, keys: [a]}}",
    ),
    Example(
        names.tags_leave_room,
        "tags: {Environment: production, Name: x, 'aws:x': y, 'AWS:y': z}",
        [
            "tags.Environment: is not for a description to say",
            "tags.Name: is not for a description to say",
            "tags.aws:x: begins with aws:, which AWS keeps for itself",
            "tags.AWS:y: begins with aws:, which AWS keeps for itself",
        ],
        "tags: {Team: payments, CostCenter: '', 'a:b': c, awsome: x}",
    ),
    Example(
        names.tags_leave_room,
        f"tags: {{{', '.join(f'a{n}: b' for n in range(41))}}}",
        ["tags: are too many"],
        f"tags: {{{', '.join(f'a{n}: b' for n in range(40))}}}",
    ),
    Example(
        network.ranges_have_a_size_that_aws_takes,
        "network: {vpc_cidr: 10.0.0.0/15, public_subnets: [10.0.0.0/28, 10.0.1.0/27],"
        " private_subnets: [10.0.2.0/29, 10.0.3.0/28]}",
        [
            "network.vpc_cidr: has a size that is not allowed",
            "network.public_subnets[0]: has a size that is not allowed",
            "network.private_subnets[0]: has a size that is not allowed",
        ],
        "network: {vpc_cidr: 10.0.0.0/28}",
    ),
    Example(
        network.subnets_fit_into_the_vpc,
        "network: {public_subnets: [10.0.0.0/24, 10.1.0.0/24], private_subnets: [10.0.0.0/15]}",
        [
            "network.public_subnets[1]: is not in the VPC",
            "network.private_subnets[0]: is not in the VPC",
        ],
        "network: {public_subnets: [10.0.0.0/24, 10.0.1.0/24], private_subnets: [10.0.0.0/16]}",
    ),
    Example(
        network.subnets_do_not_overlap,
        "network: {public_subnets: [10.0.0.0/24, 10.0.0.128/25], private_subnets: [10.0.0.0/25]}",
        [
            "network.public_subnets[1]: overlaps 10.0.0.0/24 of public_subnets",
            "network.private_subnets[0]: overlaps 10.0.0.0/24 of public_subnets",
        ],
        "network: {public_subnets: [10.0.0.0/24, 10.0.1.0/24], private_subnets: [10.0.2.0/24]}",
    ),
    Example(
        network.every_zone_has_its_subnets,
        "network: {zones: 2, public_subnets: [10.0.0.0/24]}",
        [
            "network.public_subnets: are not one per zone, but 1 for 2 zones",
            "network.private_subnets: are not one per zone, but 0 for 2 zones",
        ],
        "network: {zones: 2, public_subnets: [10.0.0.0/24, 10.0.1.0/24],"
        " private_subnets: [10.0.2.0/24, 10.0.3.0/24]}",
    ),
    Example(
        network.every_zone_has_its_subnets,
        "network: {vpc_cidr: 10.0.0.0/21}",
        ["network.vpc_cidr: is too small to derive subnets from"],
        "network: {vpc_cidr: 10.0.0.0/20}",
    ),
    Example(
        network.private_subnets_have_an_address_for_every_task,
        "network: {zones: 2, private_subnets: [10.0.0.0/28, 10.0.0.16/28]}\n"
        "services: {a: {scaling: {max: 20}}, b: {scaling: {max: 3}}}",
        ["network.private_subnets: have 22 addresses, fewer than all services may have tasks"],
        "network: {zones: 2, private_subnets: [10.0.0.0/28, 10.0.0.16/28]}\n"
        "services: {a: {scaling: {max: 19}}, b: {scaling: {max: 3}}}",
    ),
    Example(
        network.without_nat_every_permission_has_an_endpoint,
        "network: {nat: none}\n"
        + service(f"permissions: [{{sid: A, actions: ['ses:SendEmail'], resources: ['{ARN}']}}]"),
        [
            "services.api.permissions[0].actions[0]: cannot be reached: there is no NAT, and no VPC"
            " endpoint is known"
        ],
        "network: {nat: none}\n"
        + service(
            "permissions: [{sid: A, actions: ['sns:Publish', 's3:GetObject'],"
            f" resources: ['{ARN}']}}]"
        ),
    ),
    Example(
        network.without_nat_every_permission_has_an_endpoint,
        "network: {nat: none}\n"
        + service(f"permissions: [{{sid: A, actions: ['ses:SendEmail'], resources: ['{ARN}']}}]"),
        [
            "services.api.permissions[0].actions[0]: cannot be reached: there is no NAT, and no VPC"
            " endpoint is known"
        ],
        "network: {nat: single}\n"
        + service(f"permissions: [{{sid: A, actions: ['ses:SendEmail'], resources: ['{ARN}']}}]"),
    ),
]
