import json
import threading
from typing import Any

import pytest
from botocore.stub import Stubber

from delivery.aws import UPLOADS_AT_ONCE, Aws
from delivery.errors import DeliveryError, InputError
from delivery.publish import Published, package, publish
from localaws import LocalSession
from tests.delivery.samples import nested, template

TOPIC = {"Type": "AWS::SNS::Topic"}
QUEUE = {"Type": "AWS::SQS::Queue"}


def tree(leaf: dict[str, str] = TOPIC) -> dict[str, bytes]:
    """parent -> data, services -> api"""
    return {
        "parent.json": template(Data=nested("data"), Services=nested("services")),
        "services.json": template(Api=nested("api")),
        "api.json": template(Thing=leaf),
        "data.json": template(Thing=TOPIC),
    }


def keys(templates: dict[str, bytes]) -> dict[str, str]:
    packaged = package(templates, "https://s3.test/bucket", "templates/gateway")
    return {name: p.key for name, p in packaged.items()}


def publish_to(aws: Aws, bucket: str, templates: dict[str, bytes]) -> Published:
    return publish(
        templates, aws=aws, bucket=bucket, folder="gateway/production", prefix="templates"
    )


def test_a_changed_leaf_moves_only_itself_and_its_ancestors() -> None:
    before, after = keys(tree(TOPIC)), keys(tree(QUEUE))
    moved = {name for name in before if before[name] != after[name]}
    assert moved == {"api.json", "services.json", "parent.json"}


def test_the_same_templates_have_the_same_keys_in_any_order() -> None:
    backwards = dict(reversed(tree().items()))
    assert keys(backwards) == keys(tree())


def test_keys_name_the_template_and_sixteen_digits_of_its_hash() -> None:
    assert {key.rpartition("-")[0] for key in keys(tree()).values()} == {
        "templates/gateway/parent",
        "templates/gateway/services",
        "templates/gateway/api",
        "templates/gateway/data",
    }
    assert {len(key.rpartition("-")[2].removesuffix(".json")) for key in keys(tree()).values()} == {
        16
    }


def test_every_nested_url_is_that_of_the_packaged_child() -> None:
    packaged = package(tree(), "https://s3.test/bucket", "f")
    resources = json.loads(packaged["parent.json"].body)["Resources"]
    assert resources["Data"]["Properties"]["TemplateURL"] == packaged["data.json"].url
    assert resources["Services"]["Properties"]["TemplateURL"] == packaged["services.json"].url
    inner = json.loads(packaged["services.json"].body)["Resources"]
    assert inner["Api"]["Properties"]["TemplateURL"] == packaged["api.json"].url


def test_a_template_without_children_is_stored_as_it_was_built() -> None:
    assert package(tree(), "u", "f")["api.json"].body == tree()["api.json"]


def test_an_absolute_template_url_stays_as_it_is() -> None:
    elsewhere = "https://s3.us-east-1.amazonaws.com/shared/vpc.json"
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": elsewhere}}
    templates = {"parent.json": template(Vpc=stack)}
    assert package(templates, "u", "f")["parent.json"].body == templates["parent.json"]


def test_a_nested_template_that_was_not_built_is_named() -> None:
    with pytest.raises(InputError, match=r"parent\.json nests templates .* not built: data\.json"):
        package({"parent.json": template(Data=nested("data"))}, "u", "f")


def test_templates_that_nest_one_another_are_refused() -> None:
    circle = {"a.json": template(B=nested("b")), "b.json": template(A=nested("a"))}
    with pytest.raises(InputError, match=r"nest one another"):
        package(circle, "u", "f")


def test_publishing_again_sends_nothing(aws: Aws, bucket: str) -> None:
    first = publish_to(aws, bucket, tree())
    second = publish_to(aws, bucket, tree())
    assert (len(first.uploaded), first.unchanged) == (4, ())
    assert (second.uploaded, len(second.unchanged)) == ((), 4)
    assert second.parent == first.parent


def test_publishing_a_changed_leaf_sends_three_of_four(aws: Aws, bucket: str) -> None:
    publish_to(aws, bucket, tree(TOPIC))
    again = publish_to(aws, bucket, tree(QUEUE))
    assert (len(again.uploaded), len(again.unchanged)) == (3, 1)


def test_an_object_cut_short_is_sent_again(aws: Aws, bucket: str, account: LocalSession) -> None:
    key = publish_to(aws, bucket, tree()).parent.key
    account.client("s3").put_object(Bucket=bucket, Key=key, Body=b"{")
    assert publish_to(aws, bucket, tree()).uploaded == (key,)


def test_what_is_stored_is_what_cloudformation_will_read(
    aws: Aws, bucket: str, account: LocalSession
) -> None:
    parent = publish_to(aws, bucket, tree()).parent
    stored = account.client("s3").get_object(Bucket=bucket, Key=parent.key)
    assert stored["Body"].read() == parent.body
    assert stored["ContentType"] == "application/json"
    assert parent.url == f"https://s3.us-east-1.amazonaws.com/{bucket}/{parent.key}"


def test_an_unchanged_publication_costs_one_listing(aws: Aws, bucket: str) -> None:
    publish_to(aws, bucket, tree())
    calls: list[str] = []
    aws.s3.meta.events.register("before-call.s3", lambda model, **_: calls.append(model.name))
    publish_to(aws, bucket, tree())
    assert calls == ["ListObjectsV2"]


def test_templates_are_sent_side_by_side(aws: Aws, bucket: str) -> None:
    together = threading.Barrier(UPLOADS_AT_ONCE, timeout=10)

    def wait(**_: Any) -> None:
        together.wait()

    aws.s3.meta.events.register("before-call.s3.PutObject", wait)
    leaves = [f"leaf-{number}" for number in range(2 * UPLOADS_AT_ONCE - 1)]
    parent = {name.title().replace("-", ""): nested(name) for name in leaves}
    many = {f"{name}.json": template(Thing=TOPIC) for name in leaves}
    sent = publish_to(aws, bucket, {"parent.json": template(**parent), **many}).uploaded
    assert len(sent) == 2 * UPLOADS_AT_ONCE
    assert UPLOADS_AT_ONCE > 1


def test_objects_beyond_the_first_page_are_known(aws: Aws, bucket: str) -> None:
    publish_to(aws, bucket, tree())
    pages: list[str] = []

    def one_a_page(params: dict[str, object], **_: object) -> None:
        params["MaxKeys"] = 1
        pages.append("asked")

    aws.s3.meta.events.register("provide-client-params.s3.ListObjectsV2", one_a_page)
    assert publish_to(aws, bucket, tree()).uploaded == ()
    assert len(pages) == 4


def test_a_missing_bucket_comes_with_the_command_that_makes_it(aws: Aws) -> None:
    with pytest.raises(DeliveryError) as refused:
        publish_to(aws, "nowhere", tree())
    assert str(refused.value).endswith(
        "./deploy.sh bootstrap --bucket nowhere "
        f"--region us-east-1 --endpoint-url {aws.endpoint_url}"
    )


def test_a_bucket_in_another_region_is_refused_before_anything_is_sent(aws: Aws) -> None:
    there = {"ResponseMetadata": {"HTTPHeaders": {"x-amz-bucket-region": "eu-west-1"}}}
    assert aws.account
    with Stubber(aws.s3) as s3:
        s3.add_response("list_objects_v2", there)
        with pytest.raises(DeliveryError, match=r"is in eu-west-1, the stack in us-east-1"):
            publish_to(aws, "bucket", tree())
        s3.assert_no_pending_responses()


def test_a_denied_bucket_names_the_permissions_and_the_owner(aws: Aws) -> None:
    assert aws.account
    with Stubber(aws.s3) as s3:
        s3.add_client_error("list_objects_v2", "AccessDenied", http_status_code=403)
        with pytest.raises(DeliveryError, match=rf"s3:PutObject.* account {aws.account}"):
            publish_to(aws, "bucket", tree())


def calls(aws: Aws, bucket: str, operation: str) -> list[dict[str, object]]:
    """Return the parameters of each such call that a publication makes."""
    sent: list[dict[str, object]] = []
    aws.s3.meta.events.register(
        f"provide-client-params.s3.{operation}", lambda params, **_: sent.append(params)
    )
    publish_to(aws, bucket, tree())
    return sent


def test_uploads_are_checksummed(aws: Aws, bucket: str) -> None:
    checksums = {call["ChecksumAlgorithm"] for call in calls(aws, bucket, "PutObject")}
    assert checksums == {"SHA256"}


@pytest.mark.parametrize("operation", ["ListObjectsV2", "PutObject"])
def test_every_call_is_bound_to_the_buckets_owner(aws: Aws, bucket: str, operation: str) -> None:
    owners = {call.get("ExpectedBucketOwner") for call in calls(aws, bucket, operation)}
    assert owners == {aws.account}
