"""The rights to deploy systems of many secrets: in as few policies as it takes, and the same."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from awacs.aws import Action, Statement
from troposphere import GetAtt, Ref, encode_to_dict

from checks.permissions import __main__ as program
from checks.permissions.decision import Request, decide
from checks.permissions.deployment import callers, statements
from checks.permissions.deployment.attached import ATTACHED, TooManyPoliciesError, check_count
from checks.permissions.deployment.callers import Place
from checks.permissions.deployment.handlers import called
from checks.permissions.deployment.parts import BUCKET, MOST, ROLE, WHOLE, parts, size
from checks.permissions.deployment.stack import BODY, CALLERS, PREFIX, template
from checks.permissions.language import Kind, parse
from checks.resolved import Place as Where
from checks.resolved import Resource, resolve
from description.load import load_profiles
from description.model import Profile, System
from description.shards import SECRETS
from templates import iam
from tests import many
from tests.checks.templates import rendering

SIZES = (60, 170, 300)
HERE = "999999999999"
A_NAME = 32
"""Characters that a name may have."""
READ = 100
"""Secrets that a service reads here."""


def content(count: int, *, longest: bool = False) -> dict[str, Any]:
    """The description of a system with ``count`` secrets, which few services read."""
    names = [f"key-{number:03}" for number in range(count)]
    if longest:
        names = [f"{name}-".ljust(A_NAME, "x") for name in names]
    secrets = {
        name: {"description": "A key", "keys": ["key"], "shard": 1 + number // SECRETS}
        for number, name in enumerate(names)
    }
    services: dict[str, Any] = {
        f"reader-{start}": {
            "health_check": {"command": ["CMD", "/app/health"]},
            "shard": 1 + start // READ,
            "secrets": {
                f"KEY_{number}": {"secret": name, "key": "key"}
                for number, name in enumerate(names[start : start + READ])
            },
        }
        for start in range(0, count, READ)
    }
    made = {"name": "vault", "description": "Many secrets", "services": services}
    prefix = {"name_prefix": "p" * A_NAME} if longest else {}
    return {**made, **prefix, "secrets": secrets}


def written(folder: Path, count: int, *, longest: bool = False) -> Path:
    """A project with that system."""
    (folder / "systems").mkdir(exist_ok=True)
    path = folder / "systems" / "vault.yaml"
    path.write_text(json.dumps(content(count, longest=longest)))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vault")


@pytest.fixture(params=SIZES, scope="module")
def system(request: pytest.FixtureRequest, folder: Path) -> System:
    return load_profiles(written(folder, request.param))[Profile.PRODUCTION]


@pytest.fixture(scope="module")
def policies(system: System) -> dict[str, list[Resource]]:
    """The policies of each name, with the longest of what only AWS will know."""
    made = template(system, [many.rendering(system)])
    where = Where(
        account=HERE, region="ap-southeast-1", partition="aws-us-gov",
        url_suffix="amazonaws.com.cn", stack_name="rights",
    )  # fmt: skip
    one = resolve(rendering({"parent.json": made}), {BUCKET: "b" * 63}, place=where)
    found: dict[str, list[Resource]] = {}
    for policy in one.of_type("AWS::IAM::ManagedPolicy"):
        found.setdefault(policy.logical_id.rstrip("0123456789"), []).append(policy)
    (role,) = one.of_type("AWS::IAM::Role")
    assert len(role.properties["ManagedPolicyArns"]) == len(found["ExecutionPolicy"])
    return found


def characters(policy: Resource) -> int:
    document = json.dumps(policy.properties["PolicyDocument"], default=str)
    return len("".join(document.replace("${ExecutionRole}", "r" * 64).split()))


def test_every_policy_fits_and_nobody_has_more_than_iam_attaches(
    policies: dict[str, list[Resource]],
) -> None:
    assert policies.keys() == {"ExecutionPolicy", *(f"{name}Policy" for name in CALLERS)}
    for whose in policies.values():
        assert len(whose) <= ATTACHED
        assert max(map(characters, whose)) <= MOST


def test_policies_are_full_but_for_the_last(policies: dict[str, list[Resource]]) -> None:
    for whose in policies.values():
        *full, last = map(characters, whose)
        assert all(MOST - one < 400 for one in full), full
        assert last > 0


def single(allowed: list[Statement]) -> list[tuple[str, str, str]]:
    """Each action, on each resource, under which condition, as often as it is said."""
    return sorted(
        (action, str(resource), str(one.get("Condition")))
        for one in encode_to_dict(iam.policy(*allowed))["Statement"]
        for action in one["Action"]
        for resource in one["Resource"]
    )


def test_cutting_a_statement_gives_and_takes_no_right(system: System) -> None:
    types = {
        resource["Type"]
        for one in many.rendering(system).templates.values()
        for resource in one["Resources"].values()
    }
    place = Place(Ref(BUCKET), PREFIX, GetAtt(ROLE, "Arn"))
    everybody = [list(statements.execution(system, called(types)))]
    everybody += [
        list(callers.statements(system, place, *grants)) for _, grants in CALLERS.values()
    ]

    for whole in everybody:
        made = parts(whole)
        assert single([one for part in made for one in part]) == single(whole)
        for part in made:
            sids = [one.properties["Sid"] for one in part]
            assert len(sids) == len(set(sids))
    assert max(len(one.properties["Resource"]) for one in everybody[0]) == len(system.secrets)


def test_each_secret_is_read_by_name_and_no_other_one(
    system: System, policies: dict[str, list[Resource]]
) -> None:
    def may(whose: str, action: str, name: str) -> bool:
        arn = f"arn:aws-us-gov:secretsmanager:ap-southeast-1:{HERE}:secret:payment-{name}-dev-a1B2"
        allowed = [
            one
            for policy in policies[f"{whose}Policy"]
            for one in parse(policy.properties["PolicyDocument"], Kind.IDENTITY)
        ]
        request = Request(f"arn:aws-us-gov:iam::{HERE}:role/x", f"secretsmanager:{action}", arn)
        return decide(request, allowed, account=HERE)

    names = list(system.secrets)
    read = "GetSecretValue"
    for name in (names[0], names[len(names) // 2], names[-1]):
        assert may("Execution", read, name)
        assert may("Person", read, name)
        assert may("Pipeline", "DescribeSecret", name)
        assert not may("Pipeline", read, name)
    for whose in ("Execution", "Person"):
        assert not may(whose, read, "ledger")
    assert not may("Pipeline", "DescribeSecret", "ledger")


def test_a_statement_that_fits_nowhere_is_refused() -> None:
    alone = iam.statement("Alone", [Action("s3", "GetObject")], ["x" * MOST])

    with pytest.raises(ValueError, match="Alone does not fit"):
        parts([alone])


def test_what_is_short_is_not_cut() -> None:
    def about(sid: str, count: int, length: int) -> Statement:
        return iam.statement(sid, [Action("s3", "GetObject")], ["x" * length] * count)

    few, more, filler = about("Few", WHOLE, 100), about("More", WHOLE + 1, 100), "x" * 4000

    (first, second) = parts([few, about("Long", 1, len(filler))])
    assert [one.properties["Sid"] for one in first + second] == ["Long", "Few"]
    (first, second) = parts([more, about("Long", 1, len(filler))])
    assert [one.properties["Sid"] for one in first] == ["Long", "More"]
    assert [one.properties["Sid"] for one in second] == ["More"]
    assert size(first) <= MOST


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(program, "ROOT", tmp_path)
    return tmp_path


def test_a_template_that_needs_a_bucket_says_so(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(project, 3)
    assert program.main(["deployment-policy", "vault"]) == 0
    assert capsys.readouterr().err == ""
    written(project, 90)
    assert program.main(["deployment-policy", "vault"]) == 0
    out, err = capsys.readouterr()
    assert len(out.encode()) > BODY
    assert err.startswith(f"The template has {len(out.encode()):,} bytes: ")
    assert "--s3-bucket" in err


def test_more_policies_than_iam_attaches_are_refused_unless_it_attaches_more(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written(project, 450, longest=True)
    assert program.main(["deployment-policy", "vault"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    said = re.fullmatch(
        r"The rights to deploy vault take more managed policies than the 10 that IAM attaches to "
        r"a role or a user: Execution (\d+)(?:, \w+ 1\d)*\. Put several keys into one secret, or "
        r'make two systems of it; or have the quotas "Managed policies per role" and "Managed '
        r'policies per user" raised, and give --attached (\d+)\.\n',
        err,
    )
    assert said
    assert said[1] == said[2]
    assert program.main(["deployment-policy", "vault", "--attached", said[2]]) == 0
    made = json.loads(capsys.readouterr().out)["Resources"]
    assert len(made["ExecutionRole"]["Properties"]["ManagedPolicyArns"]) == int(said[2])


def test_what_no_quota_allows_is_not_advised() -> None:
    check_count("vault", {"Execution": 10, "Person": 3})
    check_count("vault", {"Execution": 25, "Person": 3}, 25)
    with pytest.raises(TooManyPoliciesError, match=r"Execution 26\. .* two systems of it\.$"):
        check_count("vault", {"Execution": 26, "Person": 3})
    with pytest.raises(TooManyPoliciesError, match=r"Execution 25, Person 11\. .* --attached 25"):
        check_count("vault", {"Execution": 25, "Person": 11})


@pytest.mark.parametrize("number", ["9", "26", "many"])
def test_other_numbers_of_policies_are_bad_input(
    number: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        program.main(["deployment-policy", "gateway", "--attached", number])
    assert end.value.code == 2
    assert f"must be a number from 10 to 25: {number}" in capsys.readouterr().err
