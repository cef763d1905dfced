"""Those who deploy, in an account of the local AWS, each with the policies that are shipped."""

import itertools
import json
from collections.abc import Collection
from dataclasses import dataclass

import boto3

from checks.permissions.deployment.parts import BUCKET
from checks.permissions.deployment.stack import template
from checks.rendering import Rendering
from checks.resolved import Place, resolve
from description.model import System
from localaws import LocalSession
from localaws.clients import core
from templates.render import render
from tests.checks.templates import rendering
from tests.systems_under_test import SYSTEMS, rendered

_ACCOUNT, _BUCKET, _ROLE = "111122223333", "bucket-of-templates", "role/${ExecutionRole}"
_numbers = itertools.count()


@dataclass(frozen=True)
class Credentials:
    """What somebody signs with."""

    name: str
    key: str
    secret: str
    region: str

    def boto_session(self) -> boto3.Session:
        """Return a session of theirs."""
        return boto3.Session(
            self.key, self.secret, region_name=self.region, botocore_session=core()
        )

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that make any AWS tool theirs."""
        return {"AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": self.secret}


def role_name(system: System) -> str:
    """Return the name of the role that CloudFormation acts with."""
    return f"rights-{system.name}-ExecutionRole"


def execution_role(session: LocalSession, system: System) -> str:
    """Return the ARN of that role."""
    return f"arn:aws:iam::{session.account}:role/{role_name(system)}"


def make_execution_role(session: LocalSession, system: System, bucket: str) -> None:
    """Make that role, with its policies."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "cloudformation.amazonaws.com"},
            }
        ],
    }
    session.client("iam").create_role(
        RoleName=role_name(system), AssumeRolePolicyDocument=json.dumps(trust)
    )
    give_execution_role(session, system, bucket)


def give_execution_role(
    session: LocalSession, system: System, bucket: str, without: Collection[str] = ()
) -> None:
    """Give that role its policies, ``without`` some of their actions."""
    for policy, text in documents(session, system, bucket, "Execution").items():
        session.client("iam").put_role_policy(
            RoleName=role_name(system), PolicyName=policy, PolicyDocument=less(text, without)
        )


def make(
    session: LocalSession,
    system: System,
    bucket: str,
    *policies: str,
    without: Collection[str] = (),
) -> Credentials:
    """Make a user who has ``policies`` (``Person``, ``Pipeline``, ``Emptying``), ``without`` some
    of their actions.
    """
    iam = session.client("iam")
    who = _user(session, policies[0].lower())
    for which in policies:
        for policy, text in documents(session, system, bucket, which).items():
            iam.put_user_policy(
                UserName=who.name, PolicyName=policy, PolicyDocument=less(text, without)
            )
    return who


def attached(session: LocalSession, policies: Collection[str]) -> Credentials:
    """Make a user to whom managed policies, given by their ARNs, are attached."""
    who = _user(session, "somebody")
    for arn in policies:
        session.client("iam").attach_user_policy(UserName=who.name, PolicyArn=arn)
    return who


def _user(session: LocalSession, role: str) -> Credentials:
    iam = session.client("iam")
    name = f"{role}-{next(_numbers)}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(name, key["AccessKeyId"], key["SecretAccessKey"], session.region)


def less(text: str, without: Collection[str]) -> str:
    """Return a policy without some of its actions."""
    if not without:
        return text
    document = json.loads(text)
    for statement in document["Statement"]:
        statement["Action"] = [one for one in statement["Action"] if one not in without]
    document["Statement"] = [one for one in document["Statement"] if one["Action"]]
    return json.dumps(document)


def documents(session: LocalSession, system: System, bucket: str, which: str) -> dict[str, str]:
    """Return the policies whose names begin with ``which``, as they are in an account."""
    return {
        name: text.replace(_ACCOUNT, session.account)
        .replace(_BUCKET, bucket)
        .replace(_ROLE, f"role/{role_name(system)}")
        for name, text in _documents(system.model_dump_json(), system).items()
        if name.startswith(which)
    }


_made: dict[str, dict[str, str]] = {}


def _documents(key: str, system: System) -> dict[str, str]:
    """Return all policies of a system; made once for each."""
    if key not in _made:
        # As `deployment-policy` does, for all profiles of the system.
        profiles = [rendered(one) for one in SYSTEMS if one.partition("/")[0] == system.name]
        made = template(system, [Rendering(system.name, render(system)), *profiles])
        one = rendering({"parent.json": made}, system.name)
        given = {BUCKET: _BUCKET, "RegistryAccountId": _ACCOUNT}
        known = {name: value for name, value in given.items() if name in made["Parameters"]}
        resolved = resolve(one, known, place=Place(account=_ACCOUNT, stack_name="rights"))
        _made[key] = {
            policy.logical_id: json.dumps(policy.properties["PolicyDocument"])
            for policy in resolved.of_type("AWS::IAM::ManagedPolicy")
        }
    return _made[key]
