"""What mistakes say, and what they do not."""

from pathlib import Path

import pytest

from tests.description.written import HEAD, WORKER, mistakes_in


@pytest.mark.parametrize(
    ("section", "mistake"),
    [
        (
            "tags: {Team: 7}",
            "tags.Team: is not text. Found: 7."
            " Allowed: text; quotes make text of numbers, true and false.",
        ),
        ("edge: https", 'edge: is not a mapping. Found: "https". Allowed: fields and values.'),
        (
            "edge: {protocol: HTTP}",
            'edge.protocol: is not a known value. Found: "HTTP". Allowed: https or http.',
        ),
        (
            "registry: {scan_on_push: yes}",
            'registry.scan_on_push: is neither true nor false. Found: "yes".'
            " Allowed: true or false, without quotes.",
        ),
        (
            "network: {vpc_cidr: 10.0.0.1/16}",
            'network.vpc_cidr: is not a range of addresses. Found: "10.0.0.1/16".'
            " Allowed: a range such as 10.0.0.0/16, without host bits.",
        ),
        (
            "network: {public_subnets: {}}",
            "network.public_subnets: is not a list. Found: a mapping. Allowed: a list.",
        ),
        (
            "cluster_name: ''",
            'cluster_name: is not valid. Found: "". Allowed: lower-case letters, digits and single'
            " hyphens, beginning with a letter.",
        ),
        (
            f"name_prefix: {'a' * 33}",
            f'name_prefix: has 33 characters. Found: "{"a" * 33}". Allowed: 32 or less.',
        ),
        (
            "services: {api: {port: 80, user: root}}",
            'services.api.user: is not valid. Found: "root". Allowed: the number of a user, or of a'
            " user and a group with a colon between, none of them 0: 10001:10001.",
        ),
        (
            "secrets: {db: {keys: []}}",
            "secrets.db.description: is missing: what the secret is for.",
        ),
        (
            "secrets: {db: {keys: []}}",
            "secrets.db.keys: is empty. Found: a value not shown here. Allowed: one or more.",
        ),
        (
            "secrets: {db: {description: x, keys: [a], shard: 31}}",
            "secrets.db.shard: is too high. Found: 31. Allowed: 30 or less.",
        ),
        (
            "secrets: {db: {description: x, keys: [a], shard: hunter2}}",
            "secrets.db.shard: is not a whole number. Found: a value not shown here."
            " Allowed: a whole number, without quotes.",
        ),
        (
            "secrets: {DB: {description: x, keys: [a]}}",
            "secrets.DB: is not a valid name. Found: a value not shown here."
            " Allowed: lower-case letters, digits and single hyphens, beginning with a letter.",
        ),
    ],
    ids=lambda given: given[:40],
)
def test_says_in_plain_words_what_is_wrong_with_a_value(
    tmp_path: Path, section: str, mistake: str
) -> None:
    found = mistakes_in(tmp_path, f"{HEAD}services: {{a: {WORKER}}}\n{section}\n")
    assert f"shop.yaml:4: {mistake}" in found


@pytest.mark.parametrize(
    ("service", "mistake"),
    [
        (
            "cpu: 333",
            "cpu: is not offered. Found: 333. Allowed: 256, 512, 1024, 2048, 4096, 8192, 16384"
            " or 32768.",
        ),
        (
            "cpu: 4096",
            "memory: is not offered with cpu 4096. Found: 2048. Allowed: 8192, 9216,",
        ),
        (
            "health_check: {command: [curl, /]}",
            'health_check.command: is not in exec form. Found: ["curl", "/"].'
            " Allowed: [CMD, program, argument …].",
        ),
        (
            "health_check: {interval: 5}",
            "health_check.timeout: is not shorter than the interval of 5 seconds. Found: 5."
            " Allowed: less than 5.",
        ),
        (
            "routes: [{priority: 1}]",
            "routes[0].paths: matches no request. Found: []. Allowed: paths, hosts or both.",
        ),
        (
            "routes: [{priority: 1, paths: [/a, /b, /c], hosts: [a.eu, b.eu, c.eu]}]",
            'routes[0].paths: has 6 paths and hosts. Found: ["/a", "/b", "/c"].'
            " Allowed: 5 in one rule.",
        ),
        (
            "routes: [{priority: 1, paths: [/?/?/?/*], hosts: ['*.*.example']}]",
            'routes[0].paths: has 6 wildcards. Found: ["/?/?/?/*"]. Allowed: 5 in one rule.',
        ),
        (
            "capacity: {fargate_weight: 0}",
            "capacity.fargate_weight: is 0, and so is spot_weight: no task could be placed."
            " Found: 0. Allowed: 1 or more for one of them.",
        ),
        (
            "scaling: {cpu: null, memory: null}",
            "scaling.max: is more than the min of 2 tasks, but nothing would ever add one."
            " Found: 10. Allowed: 2, or a target for cpu, memory or requests_per_target.",
        ),
        (
            "secrets: {A: {secret: db, key: a}}",
            "secrets.A.secret: is not a secret of this system."
            ' Found: "db". Allowed: nothing: secrets declares none.',
        ),
        (
            "healthcheck: {}",
            "healthcheck: is not a known field; did you mean health_check? Allowed: architecture,",
        ),
    ],
    ids=lambda given: given[:40],
)
def test_names_the_field_that_breaks_a_section(tmp_path: Path, service: str, mistake: str) -> None:
    found = mistakes_in(tmp_path, f"{HEAD}services:\n  api:\n    port: 80\n    {service}\n")
    assert any(f": services.api.{mistake}" in one for one in found), found


@pytest.mark.parametrize(
    "text",
    [
        "services: {api: {port: 80, environment: {DB_PASSWORD: hunter2}}}",
        "services: {api: {port: 80, environment: {DB_PASSWORD: [hunter2]}}}",
        "services: {api: {port: 80, environment: {URL: 'https://me:hunter2@example.com'}}}",
        "services: {api: {port: 80, secrets: {DB_PASSWORD: hunter2}}}",
        "services: {api: {port: 80, password: hunter2}}",
        "secrets: {db: hunter2}",
        "secrets: {db: {description: x, keys: hunter2}}",
        "secrets: {db: {description: x, keys: {password: hunter2}}}",
        "secrets: {db: {description: x, keys: [password], values: {password: hunter2}}}",
        "tags: {API_TOKEN: [hunter2]}",
        "services: {api: {password: 'hunter2}}",
    ],
)
def test_never_shows_what_may_be_a_credential(tmp_path: Path, text: str) -> None:
    found = mistakes_in(tmp_path, HEAD + text)
    assert found
    assert "hunter2" not in "\n".join(found)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (
            "network: {zones: 7, public_subnets: [10.0.0.0/24]}\n"
            "services: {api: {port: 80, routes: [{priority: 1, paths: [/]}]}}",
            ["network.zones"],
        ),
        ("services: {api: {port: x, routes: [{priority: 1, paths: [/]}]}}", ["services.api.port"]),
        (
            "services: {api: {calls: [other], health_check: {command: [CMD, a]}}, other: 5}",
            ["services.other"],
        ),
        ("services: {api: {port: 80, health_chekc: {}}}", ["services.api.health_chekc"]),
        (
            "services: {api: {port: 80, health_check: {comand: [CMD, /alive]}}}",
            ["services.api.health_check.comand"],
        ),
        (
            "services: {api: {port: 80, routes: [{priority: 1, paths: [x]}]}}",
            ["services.api.routes[0].paths[0]"],
        ),
        (
            "secrets: {db: {description: x, keys: [a]}}\n"
            "services: {api: {health_check: {command: [CMD, a]}, secrets: {A: db/a}}}",
            ["services.api.secrets.A"],
        ),
        ("services: []", ["services"]),
        ("services: {}", ["services"]),
        ("secrets: []", ["services", "secrets"]),
    ],
)
def test_reports_a_mistake_once_and_nothing_that_follows_from_it(
    tmp_path: Path, text: str, fields: list[str]
) -> None:
    found = mistakes_in(tmp_path, f"{HEAD}{text}\n")
    assert [one.split(": ")[1] for one in found] == fields
