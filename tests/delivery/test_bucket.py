import json
from typing import Any

import pytest
from botocore.stub import Stubber

from delivery.aws import Aws
from delivery.bucket import bootstrap
from delivery.cli import main
from delivery.errors import DeliveryError
from localaws import LocalSession

NAME = "templates-of-ours"
EVERYTHING = [
    "made",
    "versioning on",
    "TLS demanded",
    "old versions expire after 90 days",
]
"""What is done to a new bucket. By itself it is not public, encrypts, and owns its objects."""


@pytest.fixture
def name(account: LocalSession) -> str:
    return f"{NAME}-{account.account}"


def settings(account: LocalSession, bucket: str) -> dict[str, Any]:
    s3 = account.client("s3")
    return {
        "public": s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"],
        "versioning": s3.get_bucket_versioning(Bucket=bucket)["Status"],
        "policy": json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]),
        "rules": s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"],
        "encryption": s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"],
        "owner": s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"],
    }


def test_a_bucket_is_made_safe_once(aws: Aws, account: LocalSession, name: str) -> None:
    assert list(bootstrap(aws, name)) == EVERYTHING
    made = settings(account, name)
    assert set(made["public"].values()) == {True}
    assert made["versioning"] == "Enabled"
    (statement,) = made["policy"]["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", "s3:*")
    assert statement["Resource"] == [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    (rule,) = made["rules"]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}
    assert "Expiration" not in rule
    assert list(bootstrap(aws, name)) == []
    assert settings(account, name) == made


def test_a_policy_of_one_statement_that_is_in_no_list_keeps_it(
    aws: Aws, account: LocalSession, name: str
) -> None:
    list(bootstrap(aws, name))
    (ours,) = settings(account, name)["policy"]["Statement"]
    theirs = {"Sid": "Theirs", "Effect": "Allow", "Principal": {"AWS": account.account}}
    theirs |= {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}
    for single, mended in ((theirs, [theirs, ours]), (ours, None)):
        policy = json.dumps({"Version": "2012-10-17", "Statement": single})
        account.client("s3").put_bucket_policy(Bucket=name, Policy=policy)
        assert list(bootstrap(aws, name)) == (["TLS demanded"] if mended else [])
        assert settings(account, name)["policy"]["Statement"] == (mended or single)


def test_what_somebody_changed_is_mended_and_what_else_is_there_stays(
    aws: Aws, account: LocalSession, name: str
) -> None:
    list(bootstrap(aws, name))
    made, s3 = settings(account, name), account.client("s3")
    theirs: dict[str, Any] = {"Sid": "Theirs", "Effect": "Allow", "Action": "s3:GetObject"}
    theirs |= {"Principal": {"AWS": account.account}, "Resource": f"arn:aws:s3:::{name}/*"}
    weak = {**made["policy"]["Statement"][0], "Action": "s3:PutObject"}
    policy = {"Version": "2012-10-17", "Statement": [weak, theirs]}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    rule = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}}
    rule["Expiration"] = {"Days": 1}
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [rule]})
    key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/ours"}
    encryption = {"Rules": [{"ApplyServerSideEncryptionByDefault": key}]}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=encryption)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    public = dict.fromkeys(made["public"], True) | {"BlockPublicPolicy": False}
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=public)
    s3.put_bucket_ownership_controls(
        Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    assert list(bootstrap(aws, name)) == [
        "public access blocked",
        "objects owned by the bucket's account",
        *EVERYTHING[1:],
    ]
    mended = settings(account, name)
    assert mended["policy"]["Statement"] == [theirs, *made["policy"]["Statement"]]
    assert [one["ID"] for one in mended["rules"]] == ["theirs", "expire-old-versions"]
    used = mended["encryption"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    assert used["SSEAlgorithm"] == "aws:kms"
    same = ("public", "versioning", "owner")
    assert {key: mended[key] for key in same} == {key: made[key] for key in same}


def test_a_bucket_that_is_not_encrypted_becomes_so(aws: Aws) -> None:
    assert aws.account
    with Stubber(aws.s3) as s3:
        s3.add_response("head_bucket", {})
        blocked = dict.fromkeys(
            ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"),
            True,
        )
        s3.add_response("get_public_access_block", {"PublicAccessBlockConfiguration": blocked})
        s3.add_client_error("get_bucket_ownership_controls", "OwnershipControlsNotFoundError")
        s3.add_response("put_bucket_ownership_controls", {})
        s3.add_response("get_bucket_versioning", {"Status": "Enabled"})
        s3.add_client_error(
            "get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError"
        )
        s3.add_response("put_bucket_encryption", {})
        done = bootstrap(aws, NAME)
        assert [next(done), next(done)] == [
            "objects owned by the bucket's account",
            "encryption on",
        ]
        s3.assert_no_pending_responses()


def test_a_region_other_than_the_first_is_a_constraint(aws: Aws) -> None:
    elsewhere = Aws.connect("eu-west-1", endpoint_url=aws.endpoint_url)
    with Stubber(elsewhere.s3) as s3:
        s3.add_client_error("head_bucket", "404")
        place = {"LocationConstraint": "eu-west-1"}
        s3.add_response("create_bucket", {}, {"Bucket": NAME, "CreateBucketConfiguration": place})
        assert next(bootstrap(elsewhere, NAME, "111122223333")) == "made"


def test_a_bucket_of_another_account_is_left_alone(aws: Aws, local_aws: Any, name: str) -> None:
    local_aws.session(account="999900001111").client("s3").create_bucket(Bucket=name)
    with pytest.raises(DeliveryError, match=r"does not belong to account .* --bucket"):
        list(bootstrap(aws, name))


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("403", f"{NAME} cannot be used: it does not belong to account 111122223333"),
        ("301", f"{NAME} is in another region, not in us-east-1"),
        ("500", "AWS refused HeadBucket"),
    ],
)
def test_a_bucket_that_cannot_be_used_is_told(aws: Aws, code: str, told: str) -> None:
    with Stubber(aws.s3) as s3:
        s3.add_client_error("head_bucket", code)
        with pytest.raises(DeliveryError, match=told):
            list(bootstrap(aws, NAME, "111122223333"))


def test_the_command_prints_the_buckets_name(
    ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bootstrap", "--bucket", f"{NAME}-{ready.account}"]) == 0
    first = capsys.readouterr()
    assert first.out == f"{NAME}-{ready.account}\n"
    assert f"{NAME}-{ready.account}: versioning on\n" in first.err
    assert main(["bootstrap", "--bucket", f"{NAME}-{ready.account}"]) == 0
    assert capsys.readouterr().err == f"{NAME}-{ready.account}: is as it should be\n"


def test_without_a_name_it_is_the_bucket_that_deployments_use(
    ready: LocalSession, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bootstrap"]) == 0
    assert capsys.readouterr().out == f"payment-stacks-{ready.account}-{ready.region}\n"
