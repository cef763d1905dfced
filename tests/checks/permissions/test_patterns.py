import itertools

from checks.permissions.patterns import (
    has_wildcard,
    is_within,
    matches,
    matches_action,
    matches_arn,
)

ARN = "arn:aws:ecs:us-east-1:111122223333:task/shop/0123"


def test_a_star_is_any_text_and_a_question_mark_one_character() -> None:
    assert matches("a*c", "ac")
    assert matches("a*c", "abbc")
    assert matches("a?c", "abc")
    assert not matches("a?c", "ac")
    assert not matches("a*c", "abcd")
    assert not matches("a.c", "abc")
    assert not matches("ab*b", "ab")
    assert matches("a*b*c", "abcbc")
    assert not matches("a*b*c", "acb")


def test_case_counts_in_resources_and_not_in_actions() -> None:
    assert not matches("arn:aws:s3:::Logs", "arn:aws:s3:::logs")
    assert matches_action("KMS:encrypt*", "kms:Encrypt")


def test_an_arn_is_compared_part_by_part() -> None:
    assert matches_arn("arn:aws:ecs:*:111122223333:*", ARN)
    assert matches_arn("arn:aws:ecs:us-east-1:111122223333:task/*", ARN)
    assert not matches_arn("arn:aws:ecs:*:task/shop/0123", ARN)
    assert not matches_arn("arn:aws:*:999999999999:*", ARN)
    assert not matches_arn("*", ARN)


def test_a_pattern_is_within_another_that_matches_whatever_it_does() -> None:
    assert is_within("log-group:/ecs/shop:*", "log-group:/ecs/shop:*")
    assert is_within("log-group:/ecs/shop:log-stream:*", "log-group:/ecs/shop:*")
    assert is_within("secret:key-??????", "secret:key-??????")
    assert is_within("table/a", "table/*")
    assert not is_within("log-group:/ecs/*", "log-group:/ecs/shop:*")
    assert not is_within("secret:key-*", "secret:key-??????")
    assert not is_within("table/*", "table/?*")


def test_being_within_is_what_trying_all_short_texts_gives() -> None:
    patterns = ["".join(one) for n in range(4) for one in itertools.product("ab*?", repeat=n)]
    texts = ["".join(one) for n in range(5) for one in itertools.product("abc", repeat=n)]
    found = {
        pattern: frozenset(text for text in texts if matches(pattern, text)) for pattern in patterns
    }

    for inner, outer in itertools.product(patterns, patterns):
        assert is_within(inner, outer) == (found[inner] <= found[outer]), (inner, outer)


def test_knows_wildcards() -> None:
    assert has_wildcard("kms:*")
    assert has_wildcard("secret-??????")
    assert not has_wildcard("kms:Decrypt")
