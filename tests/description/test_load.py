from pathlib import Path

import pytest

from description.load import DescriptionError, load, load_all
from tests.description.written import HEAD, WORKER, mistakes_in


def test_reports_every_mistake_of_a_file_at_once_with_its_line(tmp_path: Path) -> None:
    text = """\
        name: shop
        description: A shop
        network:
          nat: singel
          zones: "3"
        logs: {retention_days: 31}
        colour: blue
        secrets:
          db:
            description: The database
            keys: [user, password]
        services:
          api:
            port: 80800
            memory: 3000
            routes:
              - priority: 0
                paths: [/*]
              - priority: 7
                paths: [orders]
            calls: [api, wroker, worker, Worker]
            secrets:
              DB_USER: {secret: db, key: usr}
              DB_PASSWORD: {secret: db, key: password}
            stop_timeout: 300
          worker:
            scaling: {min: 5, max: 2}
            environment: {TIMES: 3}
        """
    assert mistakes_in(tmp_path, text) == [
        "shop.yaml:4: network.nat: is not a known value; did you mean single?"
        ' Found: "singel". Allowed: none, single, per-zone or regional.',
        "shop.yaml:5: network.zones: is not a whole number."
        ' Found: "3". Allowed: a whole number, without quotes.',
        "shop.yaml:6: logs.retention_days: is not offered. Found: 31. Allowed: 1, 3, 5, 7, 14, 30,"
        " 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653.",
        "shop.yaml:7: colour: is not a known field. Allowed: alarms, cluster_name, description,"
        " edge, environments, logs, name, name_prefix, namespace, network, profiles, registry,"
        " removal_policy, secrets, secrets_key, services or tags.",
        "shop.yaml:11: secrets.db.keys[0]: is a key that no service reads."
        ' Found: "user". Allowed: password.',
        "shop.yaml:14: services.api.port: is too high. Found: 80800. Allowed: 65535 or less.",
        "shop.yaml:15: services.api.memory: is not offered with cpu 1024."
        " Found: 3000. Allowed: 2048, 3072, 4096, 5120, 6144, 7168 or 8192.",
        "shop.yaml:17: services.api.routes[0].priority: is too low. Found: 0. Allowed: 1 or more.",
        "shop.yaml:20: services.api.routes[1].paths[0]: is not valid."
        ' Found: "orders". Allowed: / and then letters, digits, _-.$/~"\'@:+& and the wildcards'
        " * and ?.",
        "shop.yaml:21: services.api.calls[0]: is the service itself."
        ' Found: "api". Allowed: worker.',
        "shop.yaml:21: services.api.calls[1]: is not a service of this system; did you mean worker?"
        ' Found: "wroker". Allowed: worker.',
        "shop.yaml:21: services.api.calls[2]: has no port to call."
        ' Found: "worker". Allowed: a port for services.worker.',
        "shop.yaml:21: services.api.calls[3]: is not valid."
        ' Found: "Worker". Allowed: lower-case letters, digits and single hyphens, beginning with'
        " a letter.",
        "shop.yaml:23: services.api.secrets.DB_USER.key: is not a key of secrets.db;"
        ' did you mean user? Found: "usr". Allowed: user or password.',
        "shop.yaml:25: services.api.stop_timeout: is too high. Found: 300. Allowed: 120 or less.",
        "shop.yaml:26: services.worker.health_check.command: is missing, and no load balancer"
        " checks a service without routes. Allowed: a command in exec form:"
        ' [CMD, wget, -q, --spider, "http://127.0.0.1…"].',
        "shop.yaml:27: services.worker.scaling.min: is more than the max of 2 tasks."
        " Found: 5. Allowed: 1 to 2.",
        "shop.yaml:28: services.worker.environment.TIMES: is not text."
        " Found: 3. Allowed: text; quotes make text of numbers, true and false.",
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("", "shop.yaml:1: describes nothing: it holds no fields."),
        ("- name", "shop.yaml:1: describes nothing: it holds no fields."),
        (
            "name: shop\nservices: {api: [}",
            "shop.yaml:2: is not YAML: while parsing a flow node, expected the node content,"
            " but found '}'.",
        ),
        (
            "name: shop\n\tdescription: x",
            "shop.yaml:2: is not YAML: while scanning for the next token, found character '\\t'"
            " that cannot start any token.",
        ),
        ("name: shop\x00", "shop.yaml:1: is not YAML: special characters are not allowed."),
        (
            "name: shop\n---\nname: shop",
            "shop.yaml:2: is not YAML: expected a single document in the stream, but found another"
            " document.",
        ),
        (
            f"{HEAD}services: {{a: {WORKER}}}\nname: shop",
            "shop.yaml:4: name: is given twice, first in line 1.",
        ),
        (
            f"{HEAD}services: {{a: {WORKER}}}\nnetwork: &n {{zones: *n}}",
            "shop.yaml:4: network.zones: contains itself.",
        ),
        (
            f"{HEAD}services: {{a: {WORKER}}}\n? [a]\n: b",
            "shop.yaml:1: has a key that is not text.",
        ),
    ],
    ids=lambda given: given.replace("\n", "|")[:40],
)
def test_says_where_a_file_is_not_a_description(tmp_path: Path, text: str, mistake: str) -> None:
    assert mistake in mistakes_in(tmp_path, text)


def test_rules_hold_for_what_stands_beside_a_mistake(tmp_path: Path) -> None:
    text = f"""\
        name: shop
        description: A shop
        services:
          api:
            port: 80
            calls: [api, NO, api]
            routes:
              - {{priority: none, paths: [/a]}}
              - {{priority: 5, paths: [/b]}}
              - {{priority: 5, paths: [/c]}}
          other: {WORKER}
        """
    assert [one.split(". ")[0] for one in mistakes_in(tmp_path, text)] == [
        "shop.yaml:6: services.api.calls[0]: is the service itself",
        "shop.yaml:6: services.api.calls[1]: is not valid",
        "shop.yaml:6: services.api.calls[2]: is in the list already",
        "shop.yaml:6: services.api.calls[2]: is the service itself",
        "shop.yaml:8: services.api.routes[0].priority: is not a whole number",
        "shop.yaml:10: services.api.routes[2].priority: is the priority of"
        " services.api.routes[1] too",
    ]


def test_a_system_is_called_as_its_file(tmp_path: Path) -> None:
    text = f"name: shop\ndescription: A shop\nservices: {{a: {WORKER}}}\n"
    assert mistakes_in(tmp_path, text) == []
    assert mistakes_in(tmp_path, text, "store.yaml") == [
        'store.yaml:1: name: differs from the name of its file. Found: "shop". Allowed: store.'
    ]


def test_reads_scalars_as_editors_do(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(
        f"{HEAD}services: {{a: {WORKER[:-1]}, environment: {{A: no, B: 2026-01-01, C: 12:30}}}}}}"
    )
    values = load(path).services["a"].environment
    assert values == {"A": "no", "B": "2026-01-01", "C": "12:30"}


@pytest.mark.parametrize(("text", "value"), [("true", True), ("TRUE", True), ("false", False)])
def test_reads_true_and_false(tmp_path: Path, text: str, value: bool) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(f"{HEAD}services: {{a: {WORKER}}}\nregistry: {{scan_on_push: {text}}}\n")
    assert load(path).registry.scan_on_push is value


def test_takes_over_what_anchors_and_merge_keys_name(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(f"""\
{HEAD}services:
  a:
    health_check: &check {{command: [CMD, /alive]}}
    scaling: &few {{min: 1, max: 4}}
  b:
    health_check: *check
    scaling: {{<<: *few, max: 8}}
""")
    system = load(path)
    assert system.services["b"].health_check == system.services["a"].health_check
    assert (system.services["b"].scaling.min, system.services["b"].scaling.max) == (1, 8)
    assert system.services["a"].scaling.max == 4


def test_says_why_a_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(DescriptionError, match=r"none\.yaml: cannot be read: No such file"):
        load(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9")
    with pytest.raises(DescriptionError, match=r"latin\.yaml: is not text in UTF-8\.$"):
        load(tmp_path / "latin.yaml")


def test_loads_all_systems_of_a_folder_by_name(tmp_path: Path) -> None:
    for name in ("zebra", "apple", "mango"):
        text = f"name: {name}\ndescription: Fruit\nservices: {{a: {WORKER}}}\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    (tmp_path / "system.schema.json").write_text("{}")
    assert [system.name for system in load_all(tmp_path)] == ["apple", "mango", "zebra"]


def test_reports_the_mistakes_of_all_files_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: a\n")
    (tmp_path / "b.yaml").write_text("name: b\ndescription: B\nservices: {}\n")
    with pytest.raises(DescriptionError) as raised:
        load_all(tmp_path)
    assert [(one.file.name, one.field) for one in raised.value.mistakes] == [
        ("a.yaml", "description"),
        ("a.yaml", "services"),
        ("b.yaml", "services"),
    ]
    assert str(raised.value).count("\n") == 2


def test_says_that_a_folder_holds_no_descriptions(tmp_path: Path) -> None:
    with pytest.raises(DescriptionError, match=r"holds no descriptions: no \*\.yaml file"):
        load_all(tmp_path)


def test_a_description_has_one_ending(tmp_path: Path) -> None:
    file = tmp_path / "shop.yml"
    file.write_text("name: shop")

    with pytest.raises(DescriptionError, match=r"ends in \.yml: a description's name"):
        load_all(tmp_path)
