"""Functions that are there already, as those that rotate secrets are."""

import io
import json
import zipfile

from localaws import LocalSession

LAMBDA = "lambda.amazonaws.com"
SECRETS_MANAGER = "secretsmanager.amazonaws.com"


def make_function(
    session: LocalSession, name: str = "rotate", principal: str = SECRETS_MANAGER
) -> None:
    """Make the function that somebody else runs, and let a service call it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("index.py", "def handler(event, context): pass")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": LAMBDA}}
    role = session.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]})
    )["Role"]
    api = session.client("lambda")
    api.create_function(
        FunctionName=name,
        Role=role["Arn"],
        Code={"ZipFile": archive.getvalue()},
        Handler="index.handler",
        Runtime="python3.13",
    )
    right = {"Action": "lambda:InvokeFunction", "Principal": principal}
    api.add_permission(FunctionName=name, StatementId="rotation", **right)
