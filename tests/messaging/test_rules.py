"""Words, quiet hours, repetitions and signatures: properties that hold whatever is sent."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medaffairs.messaging import rules
from medaffairs.messaging.rules import MessageError, Route
from medaffairs.messaging.vendors import dingtalk, sms

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1))
CLOCKS = st.times().map(lambda clock: clock.replace(microsecond=0))
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)


@given(st.dictionaries(NAMES, st.text()), st.text())
def test_values_are_put_in_once_and_never_read_as_text_with_places(values, between):
    text = between.replace("{", "").replace("}", "").join(f"{{{name}}}" for name in values)
    expected = between.replace("{", "").replace("}", "").join(values.values())
    assert rules.fill(text, values) == expected


@given(st.sets(NAMES, min_size=1), NAMES)
def test_a_missing_value_is_named(known, missing):
    text = f"{{{missing}}}"
    if missing in known:
        return
    with pytest.raises(MessageError, match=missing):
        rules.fill(text, dict.fromkeys(known, "x"))


@given(MOMENTS, CLOCKS, CLOCKS)
def test_a_message_waits_for_the_end_of_the_quiet_hours_and_not_longer(now, begin, end):
    moment = rules.allowed_from(now, begin, end, urgent=False)
    assert now <= moment < now + timedelta(days=1)
    minutes = {(begin <= at < end) if begin < end else (at >= begin or at < end) for at in [moment.time()]}
    assert begin == end or minutes == {False}
    # One second earlier it was quiet, unless the message need not wait at all.
    if moment > now:
        before = (moment - timedelta(seconds=1)).time()
        assert (begin <= before < end) if begin < end else (before >= begin or before < end)


@given(MOMENTS, CLOCKS, CLOCKS)
def test_urgent_messages_wait_for_nothing(now, begin, end):
    assert rules.allowed_from(now, begin, end, urgent=True) == now


@given(st.integers(1, 200), st.text())
def test_pauses_grow_to_an_hour_and_are_spread(attempts, key):
    wait = rules.retry_seconds(attempts, key)
    assert min(30 * 2 ** min(attempts - 1, 7), 3600) <= wait <= 3960
    assert rules.retry_seconds(attempts + 1, key) >= wait or attempts > 7


@given(MOMENTS, st.integers(0, 20), st.integers(0, 600), st.integers(0, 20), st.booleans())
def test_repetitions_end(sent, number, every, limit, read):
    moment = rules.next_repeat(sent, number, every, limit, read, None)
    assert (moment is None) == (read or every == 0 or number >= limit)
    assert moment is None or moment == sent + timedelta(minutes=every)


def test_nothing_is_repeated_after_its_end():
    sent = datetime(2026, 5, 1, 8)
    assert rules.next_repeat(sent, 0, 60, 3, False, datetime(2026, 5, 1, 8, 59)) is None


@given(
    st.lists(st.sampled_from("abcd"), unique=True),
    st.sets(st.sampled_from("abcd")),
    st.sets(st.sampled_from("abcd")),
)
def test_a_person_is_told_where_he_is_reached_and_wants_to_be(channels, muted, reachable):
    routes = [Route("in-app", rules.IN_APP), *(Route(name, rules.WECOM) for name in channels)]
    told = [route.channel for route in rules.routes_for(routes, muted, reachable, must=False)]
    assert told == ["in-app", *(name for name in channels if name in reachable and name not in muted)]
    told = [route.channel for route in rules.routes_for(routes, muted, reachable, must=True)]
    assert told == ["in-app", *(name for name in channels if name in reachable)]


@given(st.text(min_size=2).filter(str.strip), st.text(), st.text())
def test_a_private_value_is_found_wherever_it_hides(secret, before, after):
    if len(secret.strip()) < 2:
        return
    with pytest.raises(MessageError):
        rules.check_outside(["harmless", before + secret.strip() + after], [secret])


@pytest.mark.parametrize(
    ("title", "outside", "field"),
    [
        ("{patient} 有新事件", "", "title"),
        ("新事件", "{patient} 请登录", "outside_text"),
        ("新事件 {", "", "title"),
        ("{Bad}", "", "title"),
    ],
)
def test_faults_of_a_template_name_the_field(title, outside, field):
    assert rules.template_faults(title, "{patient}", outside, ["patient"])[0][0] == field


def test_addresses_are_shown_without_their_middle():
    assert rules.masked("13800138000") == "138****8000"
    assert rules.masked("zhangsan@hospital.example") == "zh***@hospital.example"
    assert rules.masked("") == ""


def test_the_robot_signs_as_its_documentation_shows():
    # HMAC-SHA256 computed by openssl: printf '1577262236757\nthis is secret' | openssl dgst -sha256 -hmac 'this is secret' -binary | base64
    assert (
        dingtalk.signature("this is secret", 1577262236757) == "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="
    )


def test_text_messages_are_signed_as_the_documentation_shows():
    parameters = {
        "Action": "DescribeRegions", "Format": "XML", "Version": "2014-05-26", "AccessKeyId": "testid",
        "SignatureVersion": "1.0", "SignatureMethod": "HMAC-SHA1", "Timestamp": "2016-02-23T12:46:24Z",
        "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
    }  # fmt: skip
    assert sms.aliyun_signature(parameters, "testsecret", "GET") == "OLeaidS1JvxuMvnyHOwuJ+uX5qY="


def test_quiet_hours_over_midnight():
    night, morning = time(22), time(7)
    assert rules.allowed_from(datetime(2026, 5, 1, 23), night, morning, False) == datetime(2026, 5, 2, 7)
    assert rules.allowed_from(datetime(2026, 5, 2, 6), night, morning, False) == datetime(2026, 5, 2, 7)
    assert rules.allowed_from(datetime(2026, 5, 2, 7), night, morning, False) == datetime(2026, 5, 2, 7)
