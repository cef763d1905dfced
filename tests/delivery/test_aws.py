from pathlib import Path

import pytest
from botocore import exceptions

from delivery.aws import Aws, explained
from delivery.errors import DeliveryError, InputError


def client_error(code: str, message: str = "no") -> exceptions.ClientError:
    return exceptions.ClientError({"Error": {"Code": code, "Message": message}}, "DescribeStacks")


@pytest.fixture
def no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.usefixtures("no_configuration")
def test_a_missing_region_is_told_before_any_call() -> None:
    with pytest.raises(InputError, match="No AWS region is set"):
        Aws.connect()


@pytest.mark.usefixtures("no_configuration")
def test_missing_credentials_are_told_without_a_trace() -> None:
    with pytest.raises(DeliveryError, match=r"No AWS credentials: .* --profile"):
        _ = Aws.connect("us-east-1").account


@pytest.mark.usefixtures("no_configuration")
def test_an_unknown_profile_is_named() -> None:
    with pytest.raises(InputError, match=r"Unknown profile: .*\(nobody\)"):
        Aws.connect("us-east-1", profile="nobody")


def test_the_regions_variable_that_the_cli_reads_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert Aws.connect().region == "eu-west-1"
    assert Aws.connect("ap-south-1").region == "ap-south-1"


def test_an_endpoint_that_does_not_answer_is_named() -> None:
    with (
        pytest.raises(DeliveryError, match=r"cannot be reached: .*http://127\.0\.0\.1:9"),
        explained(),
    ):
        raise exceptions.EndpointConnectionError(endpoint_url="http://127.0.0.1:9")


def test_commands_for_the_aws_cli_reach_the_same_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text("[profile 'pay team']\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    assert Aws.connect("eu-west-1").cli_options == "--region eu-west-1"
    assert Aws.connect("eu-west-1", "pay team", "http://[::1]:4566").cli_options == (
        "--region eu-west-1 --profile 'pay team' --endpoint-url 'http://[::1]:4566'"
    )


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("ExpiredToken", "have expired"),
        ("ExpiredTokenException", "have expired"),
        ("InvalidClientTokenId", "does not accept the credentials"),
        ("AccessDenied", "Access denied: DescribeStacks: no"),
        ("Throttling", "fewer calls"),
        ("SomethingNew", r"refused DescribeStacks: no \(SomethingNew\)"),
    ],
)
def test_an_answer_of_aws_is_explained(code: str, told: str) -> None:
    with pytest.raises(DeliveryError, match=told), explained():
        raise client_error(code)


def test_a_service_in_trouble_is_told_apart_from_a_refusal() -> None:
    error = client_error("InternalFailure")
    error.response["ResponseMetadata"] = {"HTTPStatusCode": 500}  # type: ignore[typeddict-item]
    with (
        pytest.raises(DeliveryError, match=r"AWS is in trouble: .* repeat the command"),
        explained(),
    ):
        raise error


@pytest.mark.parametrize(
    ("region", "url"),
    [
        ("eu-west-1", "https://s3.eu-west-1.amazonaws.com"),
        ("us-gov-west-1", "https://s3.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "https://s3.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_buckets_are_read_at_their_own_partitions_domain(region: str, url: str) -> None:
    assert Aws.connect(region).s3_url == url
