"""Alarm topic: where alarms go, and who hears of them."""

from troposphere import Equals, Not, Ref, kms, sns

from description.model import System
from templates import iam, recording
from templates.edges import StackTemplate
from templates.keys import customer_key
from templates.kinds import EmailAddress, EnvironmentSuffix, TopicArn
from templates.lifecycle import keep
from templates.names import named

EMAIL_GIVEN = "AlarmEmailGiven"


def add(
    system: System, t: StackTemplate, suffix: EnvironmentSuffix, email: EmailAddress
) -> TopicArn:
    """Add the topic that alarms of ``system`` publish to, and a subscription of ``email`` where
    one is given. It does not count before its owner has confirmed it.
    """
    key = t.add_resource(topic_key(system, suffix))
    topic = t.add_resource(
        sns.Topic(
            "AlarmTopic",
            KmsMasterKeyId=Ref(key),
            Tags=named(f"{system.name_prefix}-alarms", suffix),
        )
    )
    t.add_resource(
        sns.TopicPolicy(
            "AlarmTopicPolicy",
            Topics=[Ref(topic)],
            PolicyDocument=iam.policy(
                recording.publish_alarms(Ref(topic)),
                recording.refuse_to_publish_in_clear_text(Ref(topic)),
            ),
        )
    )
    t.add_condition(EMAIL_GIVEN, Not(Equals(email, "")))
    t.add_resource(
        sns.SubscriptionResource(
            "AlarmEmailSubscription",
            Condition=EMAIL_GIVEN,
            TopicArn=Ref(topic),
            Protocol="email",
            Endpoint=email,
        )
    )
    return TopicArn(Ref(topic))


def topic_key(system: System, suffix: EnvironmentSuffix) -> kms.Key:
    """Return the key of what waits in the topic, rotated each year. CloudWatch cannot use the one
    that SNS brings. It goes with its topic in any case: nothing stays encrypted with it.

    Source: AWS re:Post Knowledge Center, "How do I configure a CloudWatch alarm to use an encrypted
    SNS topic".
    """
    key = customer_key(
        system,
        suffix,
        "TopicKey",
        recording.encrypt_alarms(),
        name="alarms",
        description=f"Alarms of {system.name} on their way",
    )
    return keep(key, "destroy")
