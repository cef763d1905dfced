"""Functions that are there already, as those that rotate secrets are."""

import io
import zipfile

from localaws import LocalSession

SECRETS_MANAGER = "secretsmanager.amazonaws.com"


def make_function(
    session: LocalSession, name: str = "rotate", principal: str = SECRETS_MANAGER
) -> None:
    """Make the function that somebody else runs, and let a service call it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("index.py", "def handler(event, context): pass")
    api = session.client("lambda")
    api.create_function(
        FunctionName=name,
        Role=f"arn:aws:iam::{session.account}:role/rotate",
        Code={"ZipFile": archive.getvalue()},
        Handler="index.handler",
        Runtime="python3.13",
    )
    right = {"Action": "lambda:InvokeFunction", "Principal": principal}
    api.add_permission(FunctionName=name, StatementId="rotation", **right)
