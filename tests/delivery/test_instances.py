from datetime import UTC, datetime

import pytest
from botocore.stub import Stubber

from delivery import instances
from delivery.aws import Aws
from delivery.errors import DeliveryError
from delivery.instances import Instance
from delivery.removal import Resource
from delivery.stacks import Stack
from localaws import LocalSession


def entry(service: str = "srv-1") -> Resource:
    return Resource(
        ("ApiService",), "DiscoveryEntry", "AWS::ServiceDiscovery::Service", service, False
    )


SERVICE = Resource(("ApiService",), "Service", "AWS::ECS::Service", "arn:service", False)
OTHER = Resource(("WebService",), "Service", "AWS::ECS::Service", "arn:other", False)


def stack(status: str) -> Stack:
    return Stack("gateway-dev", "arn:stack", status, datetime.now(UTC))


def test_only_a_deletion_that_failed_and_whose_tasks_have_gone_looks_for_instances(
    aws: Aws,
) -> None:
    with Stubber(aws.client("servicediscovery")) as api:
        assert instances.left(aws, stack("CREATE_COMPLETE"), [entry()]) == []
        assert instances.left(aws, stack("DELETE_FAILED"), [entry(), SERVICE]) == []
        api.add_response(
            "list_instances", {"Instances": [{"Id": "task-1"}]}, {"ServiceId": "srv-1"}
        )
        found = instances.left(aws, stack("DELETE_FAILED"), [entry(), OTHER])
        api.assert_no_pending_responses()

    assert found == [Instance(entry(), "task-1")]
    assert str(found[0]) == "task-1 in ApiService/DiscoveryEntry srv-1"


def test_what_is_left_is_taken_out_of_cloud_map(account: LocalSession) -> None:
    api = account.client("servicediscovery")
    namespace = api.create_http_namespace(Name="payment.local")["OperationId"]
    target = api.get_operation(OperationId=namespace)["Operation"]["Targets"]["NAMESPACE"]
    service = api.create_service(Name="api", NamespaceId=target)["Service"]["Id"]
    api.register_instance(
        ServiceId=service, InstanceId="task-1", Attributes={"AWS_INSTANCE_IPV4": "10.0.0.4"}
    )
    aws = Aws.over(account.boto_session(), account.endpoint_url)
    found = instances.left(aws, stack("DELETE_FAILED"), [entry(service)])

    assert [one.id for one in found] == ["task-1"]
    told: list[str] = []
    instances.deregister(aws, found, told.append)
    assert instances.left(aws, stack("DELETE_FAILED"), [entry(service)]) == []
    api.delete_service(Id=service)


def test_an_instance_that_stays_says_why(aws: Aws) -> None:
    told: list[str] = []
    with Stubber(aws.client("servicediscovery")) as api:
        api.add_response("deregister_instance", {"OperationId": "op-1"})
        failed = {"Id": "op-1", "Status": "FAIL", "ErrorMessage": "The zone is gone."}
        api.add_response("get_operation", {"Operation": failed}, {"OperationId": "op-1"})
        with pytest.raises(DeliveryError, match="is still registered: The zone is gone"):
            instances.deregister(aws, [Instance(entry(), "task-1")], told.append)
