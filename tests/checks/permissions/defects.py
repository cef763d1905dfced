"""Defects of permissions, each of which is planted in rendered templates."""

from collections.abc import Callable
from typing import Any

from checks.rendering import Node
from description.names import pascal

Templates = dict[str, Node]
Defect = Callable[[Templates], None]

API = "service-api-gateway.json"
DETECTOR = "service-fraud-detector.json"
PROCESSOR = "service-payment-processor.json"
NOTIFIER = "service-notification-service.json"
ROLES = "roles.json"
ROOT = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}


def properties(t: Templates, file: str, name: str) -> Any:
    """The properties of a resource. Roles and log groups of services are in a file of their own."""
    if name in ("ExecutionRole", "TaskRole", "LogGroup"):
        service = file.removeprefix("service-").removesuffix(".json")
        file, name = ROLES, f"{pascal(service)}{name}"
    return t[file]["Resources"][name]["Properties"]


def policy(t: Templates, file: str, role: str = "ExecutionRole") -> Any:
    """The statements of a role, by their Sid."""
    document = properties(t, file, role)["Policies"][0]["PolicyDocument"]
    return {one["Sid"]: one for one in document["Statement"]}


def allow(t: Templates, file: str, role: str, action: Any, resource: Any, **more: Any) -> None:
    """Add a statement to a role."""
    one = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    document = {"Version": "2012-10-17", "Statement": [one]}
    added = {"PolicyName": "Added", "PolicyDocument": document}
    properties(t, file, role).setdefault("Policies", []).append(added)


def trust(t: Templates, file: str = API, role: str = "ExecutionRole") -> Any:
    return properties(t, file, role)["AssumeRolePolicyDocument"]["Statement"][0]


def drop(t: Templates, file: str, sid: str) -> None:
    """Remove a statement of an execution role."""
    document = properties(t, file, "ExecutionRole")["Policies"][0]["PolicyDocument"]
    document["Statement"] = [one for one in document["Statement"] if one["Sid"] != sid]


def key_policy(t: Templates) -> Any:
    """The statements of the log key, by their Sid."""
    statements = properties(t, "security.json", "LogKey")["KeyPolicy"]["Statement"]
    return {one["Sid"]: one for one in statements}


def bucket_policy(t: Templates) -> Any:
    """The statements of the log bucket, by their Sid."""
    document = properties(t, "parent.json", "LogBucketPolicy")["PolicyDocument"]
    return {one["Sid"]: one for one in document["Statement"]}


def topic_policy(t: Templates) -> Any:
    """The statements of the topic, by their Sid."""
    document = properties(t, "security.json", "AlarmTopicPolicy")["PolicyDocument"]
    return {one["Sid"]: one for one in document["Statement"]}


ELSEWHERE = "arn:aws:logs:us-east-1:999999999999:log-group:"


def web_acl_log_policy(t: Templates) -> Any:
    """What lets the log of the web ACL be delivered."""
    document = properties(t, "web-acl.json", "WebAclLogPolicy")["PolicyDocument"]
    return document["Statement"][0]


def topic_key(t: Templates) -> Any:
    """What the topic's key allows to alarms."""
    statements = properties(t, "security.json", "TopicKey")["KeyPolicy"]["Statement"]
    return next(one for one in statements if one["Sid"] == "EncryptAlarms")


def endpoint(t: Templates, name: str) -> Any:
    """The only statement of an endpoint."""
    return properties(t, "network.json", name)["PolicyDocument"]["Statement"][0]


def container(t: Templates, file: str = API) -> Any:
    return properties(t, file, "TaskDefinition")["ContainerDefinitions"][0]


# What must be allowed


def an_execution_role_that_cannot_log_in(t: Templates) -> None:
    drop(t, API, "AuthenticateToEcr")


def an_execution_role_that_cannot_pull(t: Templates) -> None:
    drop(t, API, "PullImage")


def an_execution_role_that_pulls_half(t: Templates) -> None:
    policy(t, API)["PullImage"]["Action"].remove("ecr:GetDownloadUrlForLayer")


def an_execution_role_that_pulls_anothers_image(t: Templates) -> None:
    theirs = policy(t, DETECTOR)["PullImage"]["Resource"]
    policy(t, API)["PullImage"]["Resource"] = theirs


def an_execution_role_that_cannot_pull_the_agent(t: Templates) -> None:
    drop(t, API, "PullGuardDutyAgent")


def an_agent_of_anybodys_account(t: Templates) -> None:
    del policy(t, API)["PullGuardDutyAgent"]["Condition"]


def an_agent_of_any_name(t: Templates) -> None:
    arn = "arn:${AWS::Partition}:ecr:${AWS::Region}:*:repository/*"
    policy(t, API)["PullGuardDutyAgent"]["Resource"] = [{"Fn::Sub": arn}]


def an_execution_role_that_cannot_write_logs(t: Templates) -> None:
    drop(t, API, "WriteLogs")


def an_execution_role_that_writes_to_the_group_and_not_its_streams(t: Templates) -> None:
    arn = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"
    ours = {"Fn::Sub": f"{arn}/ecs/payment-api-gateway-${{EnvironmentSuffix}}"}
    policy(t, API)["WriteLogs"]["Resource"] = [ours]


def an_execution_role_that_cannot_read_its_secret(t: Templates) -> None:
    drop(t, DETECTOR, "ReadSecrets")


def a_secret_whose_key_nobody_may_use(t: Templates) -> None:
    drop(t, DETECTOR, "DecryptSecrets")


def a_secret_with_another_key(t: Templates) -> None:
    key = {"Fn::GetAtt": ["LogKey", "Arn"]}
    properties(t, "security.json", "ApiKeysSecret")["KmsKeyId"] = key


def a_key_for_all_secrets_of_the_system(t: Templates) -> None:
    condition = policy(t, DETECTOR)["DecryptSecrets"]["Condition"]
    del condition["StringEquals"]["kms:EncryptionContext:SecretARN"]


def a_task_role_that_cannot_do_what_is_described(t: Templates) -> None:
    del properties(t, NOTIFIER, "TaskRole")["Policies"]


def a_role_that_ecs_cannot_assume(t: Templates) -> None:
    trust(t)["Principal"] = {"Service": "ecs.amazonaws.com"}


def a_role_for_another_region(t: Templates) -> None:
    arn = "arn:${AWS::Partition}:ecs:eu-north-1:${AWS::AccountId}:*"
    trust(t)["Condition"]["ArnLike"]["aws:SourceArn"] = {"Fn::Sub": arn}


def a_denial(t: Templates) -> None:
    statement = {**policy(t, API)["WriteLogs"], "Sid": "No", "Effect": "Deny"}
    document = properties(t, API, "ExecutionRole")["Policies"][0]["PolicyDocument"]
    document["Statement"].append(statement)


def a_log_key_that_logs_cannot_make_data_keys_with(t: Templates) -> None:
    key_policy(t)["EncryptLogGroups"]["Action"].remove("kms:GenerateDataKey*")


def a_log_key_that_logs_cannot_encrypt_again_with(t: Templates) -> None:
    key_policy(t)["EncryptLogGroups"]["Action"].remove("kms:ReEncrypt*")


def a_log_key_for_other_groups(t: Templates) -> None:
    arn = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/*"
    context = {"kms:EncryptionContext:aws:logs:arn": {"Fn::Sub": arn}}
    key_policy(t)["EncryptLogGroups"]["Condition"] = {"ArnLike": context}


def a_log_key_for_logs_of_another_region(t: Templates) -> None:
    service = {"Service": "logs.eu-north-1.amazonaws.com"}
    key_policy(t)["EncryptLogGroups"]["Principal"] = service


def a_log_group_that_the_key_is_not_for(t: Templates) -> None:
    properties(t, API, "LogGroup")["LogGroupName"] = "/elsewhere/api"


def a_log_key_that_nobody_administers(t: Templates) -> None:
    key_policy(t)["AdministerKeyByIam"]["Effect"] = "Deny"


def a_log_key_of_which_nobody_makes_an_alias(t: Templates) -> None:
    key_policy(t)["GrantToServicesOnly"]["Action"] = ["kms:Cre*"]


def policies_that_are_none(t: Templates) -> None:
    properties(t, API, "TaskRole")["Policies"] = {}


def a_policy_that_is_none(t: Templates) -> None:
    properties(t, API, "TaskRole")["Policies"] = ["none"]


def a_policy_without_a_document(t: Templates) -> None:
    properties(t, API, "TaskRole")["Policies"] = [{"PolicyName": "empty"}]


def a_policy_without_statements(t: Templates) -> None:
    properties(t, API, "TaskRole")["Policies"] = [{"PolicyDocument": {"Version": "2012-10-17"}}]


def a_statement_without_actions(t: Templates) -> None:
    statement = {"Effect": "Allow", "Resource": ["arn:aws:sns:us-east-1:1:topic"]}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    properties(t, API, "TaskRole")["Policies"] = [{"PolicyDocument": document}]


def a_policy_for_logs_of_nobody(t: Templates) -> None:
    policy = t["web-acl.json"]["Resources"]["WebAclLogPolicy"]["Properties"]
    del policy["PolicyDocument"]["Statement"][0]["Resource"]


def an_endpoint_that_lets_no_layer_through(t: Templates) -> None:
    endpoint(t, "S3Endpoint")["Resource"] = "arn:aws:s3:::other/*"


def an_endpoint_that_lets_no_pull_through(t: Templates) -> None:
    endpoint(t, "EcrDkrEndpoint")["Action"].remove("ecr:BatchGetImage")


def an_endpoint_for_another_account(t: Templates) -> None:
    condition = {"StringEquals": {"aws:PrincipalAccount": "999999999999"}}
    endpoint(t, "LogsEndpoint")["Condition"] = condition


def alarms_that_cannot_publish(t: Templates) -> None:
    topic_policy(t)["PublishAlarms"]["Action"] = ["sns:Subscribe"]


def alarms_that_cannot_encrypt(t: Templates) -> None:
    topic_key(t)["Action"].remove("kms:GenerateDataKey*")


def alarms_that_cannot_decrypt(t: Templates) -> None:
    topic_key(t)["Action"].remove("kms:Decrypt")


def a_topic_with_the_key_that_sns_brings(t: Templates) -> None:
    properties(t, "security.json", "AlarmTopic")["KmsMasterKeyId"] = "alias/aws/sns"


def a_web_acl_whose_log_cannot_be_delivered(t: Templates) -> None:
    web_acl_log_policy(t)["Action"].remove("logs:PutLogEvents")


def a_web_acl_with_a_log_of_somebody_else(t: Templates) -> None:
    logging = properties(t, "web-acl.json", "WebAclLogging")
    logging["LogDestinationConfigs"] = [f"{ELSEWHERE}aws-waf-logs-elsewhere"]


def a_policy_for_logs_of_somebody_else(t: Templates) -> None:
    web_acl_log_policy(t)["Resource"] = [f"{ELSEWHERE}aws-waf-logs-elsewhere:*"]


def a_load_balancer_that_cannot_write_its_logs(t: Templates) -> None:
    bucket_policy(t)["DeliverLoadBalancerLogs"]["Principal"] = {
        "Service": "delivery.logs.amazonaws.com"
    }


def a_load_balancer_that_writes_elsewhere(t: Templates) -> None:
    attributes = properties(t, "parent.json", "LoadBalancer")["LoadBalancerAttributes"]
    for one in attributes:
        if one["Key"] == "access_logs.s3.prefix":
            one["Value"] = "elsewhere"


def flow_logs_that_cannot_see_the_bucket(t: Templates) -> None:
    bucket_policy(t)["AWSLogDeliveryAclCheck"]["Action"].remove("s3:GetBucketAcl")


def flow_logs_of_another_region(t: Templates) -> None:
    arn = "arn:${AWS::Partition}:logs:eu-north-1:${AWS::AccountId}:*"
    condition = bucket_policy(t)["AWSLogDeliveryWrite"]["Condition"]
    condition["ArnLike"] = {"aws:SourceArn": {"Fn::Sub": arn}}


def flow_logs_somewhere_else(t: Templates) -> None:
    properties(t, "parent.json", "FlowLog")["LogDestination"] = "arn:aws:s3:::elsewhere"


def flow_logs_to_a_log_group(t: Templates) -> None:
    properties(t, "parent.json", "FlowLog")["LogDestinationType"] = "cloud-watch-logs"


def an_image_key_that_nobody_grants(t: Templates) -> None:
    statements = properties(t, "registry.json", "ImageKey")["KeyPolicy"]["Statement"]
    (deny,) = [one for one in statements if one["Sid"] == "GrantToServicesOnly"]
    del deny["Condition"]


# What must be denied


def a_web_acl_s_log_to_which_anybody_delivers(t: Templates) -> None:
    del web_acl_log_policy(t)["Condition"]["StringEquals"]


def a_log_group_that_everybody_reads(t: Templates) -> None:
    web_acl_log_policy(t)["Action"].append("logs:GetLogEvents")


def a_bucket_for_everybodys_load_balancers(t: Templates) -> None:
    del bucket_policy(t)["DeliverLoadBalancerLogs"]["Condition"]


def a_bucket_that_load_balancers_fill_as_they_like(t: Templates) -> None:
    bucket_policy(t)["DeliverLoadBalancerLogs"]["Resource"] = [{"Fn::Sub": "${LogBucket.Arn}/*"}]


def a_bucket_in_clear_text(t: Templates) -> None:
    document = properties(t, "parent.json", "LogBucketPolicy")["PolicyDocument"]
    document["Statement"].remove(bucket_policy(t)["RefuseClearText"])


def alarms_of_anybody(t: Templates) -> None:
    del topic_policy(t)["PublishAlarms"]["Condition"]


def alarms_in_clear_text(t: Templates) -> None:
    document = properties(t, "security.json", "AlarmTopicPolicy")["PolicyDocument"]
    document["Statement"].remove(topic_policy(t)["RefuseClearText"])


def a_topic_key_for_anybodys_alarms(t: Templates) -> None:
    del topic_key(t)["Condition"]["StringEquals"]


def a_topic_to_which_everybody_publishes(t: Templates) -> None:
    topic_policy(t)["PublishAlarms"]["Principal"] = {"AWS": "*"}


def an_endpoint_that_lets_strangers_through(t: Templates) -> None:
    del endpoint(t, "SecretsmanagerEndpoint")["Condition"]


def an_endpoint_that_lets_anything_through(t: Templates) -> None:
    endpoint(t, "SecretsmanagerEndpoint")["Action"] = "secretsmanager:*"


def an_endpoint_to_all_of_s3(t: Templates) -> None:
    endpoint(t, "S3Endpoint")["Resource"] = "*"


def an_endpoint_without_a_policy(t: Templates) -> None:
    del properties(t, "network.json", "LogsEndpoint")["PolicyDocument"]


def another_services_secret(t: Templates) -> None:
    policy(t, DETECTOR)["ReadSecrets"]["Resource"].append({"Ref": "DbCredentialsSecretArn"})
    t[DETECTOR]["Parameters"]["DbCredentialsSecretArn"] = {"Type": "String"}
    there = properties(t, "parent.json", "FraudDetectorService")["Parameters"]
    there["DbCredentialsSecretArn"] = {"Fn::GetAtt": ["Security", "Outputs.DbCredentialsSecretArn"]}


def every_secret(t: Templates) -> None:
    arn = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:payment-*"
    policy(t, DETECTOR)["ReadSecrets"]["Resource"] = [{"Fn::Sub": arn}]


def another_services_log_group(t: Templates) -> None:
    theirs = {"Fn::GetAtt": ["FraudDetectorLogGroup", "Arn"]}
    policy(t, API)["WriteLogs"]["Resource"].append(theirs)


def every_repository(t: Templates) -> None:
    arn = "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/*"
    policy(t, API)["PullImage"]["Resource"] = [{"Fn::Sub": arn}]


def an_action_too_many(t: Templates) -> None:
    policy(t, API)["WriteLogs"]["Action"].append("logs:DeleteLogStream")


def a_task_role_that_may_more_than_is_described(t: Templates) -> None:
    allow(t, API, "TaskRole", "s3:GetObject", "arn:aws:s3:::somewhere/*")


def a_task_role_that_publishes_anywhere(t: Templates) -> None:
    (one,) = policy(t, NOTIFIER, "TaskRole").values()
    one["Resource"] = "*"


def every_action_of_a_service(t: Templates) -> None:
    (one,) = policy(t, NOTIFIER, "TaskRole").values()
    one["Action"] = "sns:*"


def a_wildcard_resource(t: Templates) -> None:
    policy(t, API)["WriteLogs"]["Resource"] = ["*"]


def a_role_that_reads_keys(t: Templates) -> None:
    allow(t, DETECTOR, "TaskRole", "kms:Decrypt", "*")


def a_role_that_decrypts_by_itself(t: Templates) -> None:
    del policy(t, DETECTOR)["DecryptSecrets"]["Condition"]


def a_role_that_decrypts_any_secret(t: Templates) -> None:
    condition = policy(t, DETECTOR)["DecryptSecrets"]["Condition"]["StringEquals"]
    del condition["kms:EncryptionContext:SecretARN"]


def a_role_that_anybody_assumes(t: Templates) -> None:
    trust(t)["Principal"] = {"AWS": "*"}


def a_role_that_lambda_assumes_too(t: Templates) -> None:
    trust(t)["Principal"] = {"Service": ["ecs-tasks.amazonaws.com", "lambda.amazonaws.com"]}


def a_confused_deputy(t: Templates) -> None:
    del trust(t)["Condition"]


def a_source_of_any_account(t: Templates) -> None:
    trust(t)["Condition"] = {"ArnLike": {"aws:SourceArn": "arn:aws:ecs:*:*:*"}}


def a_log_key_for_everybodys_groups(t: Templates) -> None:
    del key_policy(t)["EncryptLogGroups"]["Condition"]


def a_log_key_for_groups_of_any_region(t: Templates) -> None:
    condition = key_policy(t)["EncryptLogGroups"]["Condition"]["ArnLike"]
    arns = condition["kms:EncryptionContext:aws:logs:arn"]
    for one in arns if isinstance(arns, list) else [arns]:
        one["Fn::Sub"] = one["Fn::Sub"].replace("${AWS::Region}", "*")


def a_log_key_that_logs_administers(t: Templates) -> None:
    key_policy(t)["EncryptLogGroups"]["Action"].append("kms:*")


def a_log_key_that_anybody_grants(t: Templates) -> None:
    statements = properties(t, "security.json", "LogKey")["KeyPolicy"]["Statement"]
    statements.remove(key_policy(t)["GrantToServicesOnly"])


def a_log_key_that_everybody_uses(t: Templates) -> None:
    key_policy(t)["EncryptLogGroups"]["Principal"] = "*"


def a_log_key_that_another_account_uses(t: Templates) -> None:
    principal = {"AWS": "arn:aws:iam::999999999999:root"}
    one = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Principal": principal}
    properties(t, "security.json", "LogKey")["KeyPolicy"]["Statement"].append(one)


# What is not as it should be


def one_execution_role_for_two_services(t: Templates) -> None:
    del t[ROLES]["Resources"]["FraudDetectorExecutionRole"]
    del t[ROLES]["Outputs"]["FraudDetectorExecutionRoleArn"]
    properties(t, "parent.json", "FraudDetectorService")["Parameters"]["ExecutionRoleArn"] = {
        "Fn::GetAtt": ["Roles", "Outputs.ApiGatewayExecutionRoleArn"]
    }


def a_role_that_nobody_uses(t: Templates) -> None:
    t[ROLES]["Resources"]["SpareRole"] = {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": properties(t, API, "TaskRole")["AssumeRolePolicyDocument"]
        },
    }


def a_misspelt_action(t: Templates) -> None:
    actions = policy(t, API)["WriteLogs"]["Action"]
    actions[actions.index("logs:PutLogEvents")] = "logs:PutLogEvent"


def a_misspelt_service(t: Templates) -> None:
    allow(t, API, "TaskRole", "dynamo:GetItem", "arn:aws:dynamodb:us-east-1:111122223333:table/x")


# What cannot be followed


def everything_but(t: Templates) -> None:
    one = policy(t, API)["WriteLogs"]
    one["NotAction"] = one.pop("Action")


def an_unknown_operator(t: Templates) -> None:
    trust(t)["Condition"]["StringEqualsIgnoreCase"] = {"aws:SourceAccount": "x"}


def a_managed_policy(t: Templates) -> None:
    arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
    properties(t, API, "ExecutionRole")["ManagedPolicyArns"] = [arn]


def a_policy_that_stands_elsewhere(t: Templates) -> None:
    document = properties(t, API, "ExecutionRole")["Policies"][0]["PolicyDocument"]
    t[ROLES]["Resources"]["More"] = {
        "Type": "AWS::IAM::Policy",
        "Properties": {
            "PolicyName": "More",
            "PolicyDocument": document,
            "Roles": [{"Ref": "ApiGatewayExecutionRole"}],
        },
    }


def a_role_of_somebody_else(t: Templates) -> None:
    arn = "arn:aws:iam::111122223333:role/theirs"
    properties(t, API, "TaskDefinition")["ExecutionRoleArn"] = arn


def an_image_of_somewhere_else(t: Templates) -> None:
    container(t)["Image"] = "registry.example.com/api:1"


def another_log_driver(t: Templates) -> None:
    container(t)["LogConfiguration"]["LogDriver"] = "splunk"


def credentials_for_a_registry(t: Templates) -> None:
    container(t)["RepositoryCredentials"] = {"CredentialsParameter": "arn"}


def a_secret_that_is_a_parameter(t: Templates) -> None:
    arn = "arn:aws:ssm:us-east-1:111122223333:parameter/x"
    container(t)["Secrets"] = [{"Name": "X", "ValueFrom": arn}]


def somebody_elses_log_key(t: Templates) -> None:
    arn = "arn:aws:kms:us-east-1:111122223333:key/theirs"
    properties(t, API, "LogGroup")["KmsKeyId"] = arn


def something_that_cannot_be_resolved(t: Templates) -> None:
    container(t)["Image"] = {"Ref": "Nothing"}
