from checks.permissions.table import grants, table
from checks.resolved import resolve, samples
from tests.systems_under_test import described, rendered

GATEWAY = rendered("gateway")
SYSTEM = resolve(GATEWAY, samples(GATEWAY))


def test_says_who_may_do_what_on_which_resource_and_why() -> None:
    found = {(one.address, one.sid): one for one in grants(SYSTEM, described("gateway"))}

    one = found["Roles/ApiGatewayExecutionRole", "WriteLogs"]
    assert one.type == "AWS::IAM::Role"
    assert one.who == ("ecs-tasks.amazonaws.com",)
    assert one.actions == ("logs:CreateLogStream", "logs:PutLogEvents")
    assert one.resources == (
        "arn:aws:logs:us-east-1:111122223333:log-group:/ecs/payment-api-gateway-dev:*",
    )
    assert one.reasons == ("api-gateway writes its logs",)
    key = found["Security/LogKey", "EncryptLogGroups"]
    assert key.who == ("logs.us-east-1.amazonaws.com",)
    assert key.conditions == (
        "kms:encryptioncontext:aws:logs:arn ArnLike "
        "arn:aws:logs:us-east-1:111122223333:log-group:/ecs/payment-*-dev or "
        "arn:aws:logs:us-east-1:111122223333:log-group:aws-waf-logs-gateway-dev",
    )


def test_everything_that_is_allowed_has_a_reason() -> None:
    found = grants(SYSTEM, described("gateway"))

    assert len(found) > 20
    assert all(one.reasons for one in found)


def test_prints_a_line_for_each_statement_and_resource() -> None:
    lines = list(table(SYSTEM, described("gateway")))

    assert lines[0].split("  ")[0] == "whose policy"
    (line,) = [one for one in lines if "repository/payment-fraud-detector-dev" in one]
    assert line.startswith("Roles/FraudDetectorExecutionRole")
    assert " ecs-tasks.amazonaws.com " in line
    assert "ecr:BatchGetImage ecr:GetDownloadUrlForLayer" in line
