"""What a message says, to whom it goes by which channel, and when. Pure functions: nothing here touches a site.

A message series is one thing told to one person: its first message, the same by other channels, and its repetitions.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple

IN_APP, EMAIL = "In-app", "E-mail"
DINGTALK, ROBOT, WECOM = "DingTalk Work Notice", "DingTalk Robot", "WeCom"
ALIYUN, GATEWAY = "SMS (Alibaba Cloud)", "SMS (Gateway)"
KINDS = (IN_APP, EMAIL, DINGTALK, ROBOT, WECOM, ALIYUN, GATEWAY)
# Where a message leaves the hospital: nothing there may tell who a patient is.
OUTSIDE = frozenset(KINDS) - {IN_APP}
BY_MOBILE = frozenset({ALIYUN, GATEWAY})

QUEUED, SENDING, SENT, READ = "Queued", "Sending", "Sent", "Read"
FAILED, CANCELLED = "Failed", "Cancelled"
WAITING = (QUEUED, SENDING)

FIRST_RETRY, LONGEST_RETRY = 30, 3600
# A process that has claimed a message and says nothing for so long is taken for dead (seconds).
CLAIM_SECONDS = 120
LONGEST_TITLE, LONGEST_KEY = 140, 140
_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class MessageError(Exception):
    """A message that cannot be made: an English source sentence and what belongs in its places."""

    def __init__(self, sentence: str, *values: object) -> None:
        self.sentence, self.values = sentence, values
        super().__init__(sentence.format(*values))


class Route(NamedTuple):
    """A channel of a template: its name and kind, and after how many minutes without a reader it is used."""

    channel: str
    kind: str
    after_minutes: int = 0
    vendor_template: str = ""


def places(text: str) -> set[str]:
    """The placeholders of a text: `{number}`."""
    return set(_PLACE.findall(text or ""))


def fill(text: str, values: Mapping[str, object]) -> str:
    """A text with its placeholders replaced, and nothing else done to it: what users typed is never a template.

    :raises MessageError: when a placeholder has no value
    """
    missing = sorted(places(text) - set(values))
    if missing:
        raise MessageError("The message lacks a value for {0}", ", ".join(missing))
    return _PLACE.sub(lambda found: str(values[found[1]]), text or "")


def template_faults(
    title: str, body: str, outside: str, private: Iterable[str]
) -> list[tuple[str, str, tuple]]:
    """What is wrong with a template: (field, English sentence, values).

    :param private: placeholders that may not leave the hospital
    """
    faults: list[tuple[str, str, tuple]] = []
    for field, text in (("title", title), ("body", body), ("outside_text", outside)):
        if "{" in _PLACE.sub("", text or "") or "}" in _PLACE.sub("", text or ""):
            faults.append((field, "Placeholders look like {0}", ("{number}",)))
    told = sorted((places(outside) | places(title)) & set(private))
    if told:
        field = "outside_text" if places(outside) & set(told) else "title"
        faults.append((field, "{0} may name a patient and must not leave the hospital", (", ".join(told),)))
    return faults


def check_outside(texts: Iterable[str], private: Iterable[str]) -> None:
    """Nothing that tells who a patient is leaves the hospital (个人信息保护法, articles 28 and 51).

    :param private: names and numbers that may not occur
    :raises MessageError: when one of them does
    """
    for secret in private:
        if len(secret := str(secret or "").strip()) > 1 and any(secret in (text or "") for text in texts):
            raise MessageError("A message that leaves the hospital must not tell who a patient is")


def allowed_from(now: datetime, quiet_from: time | None, quiet_to: time | None, urgent: bool) -> datetime:
    """The first moment at which a message may disturb: now, or the end of the quiet hours.

    Quiet hours may go over midnight; equal times are none.
    """
    if urgent or not quiet_from or not quiet_to or quiet_from == quiet_to:
        return now
    clock = now.time()
    over_night = quiet_from > quiet_to
    quiet = clock >= quiet_from or clock < quiet_to if over_night else quiet_from <= clock < quiet_to
    if not quiet:
        return now
    day = now.date() + timedelta(days=1 if over_night and clock >= quiet_from else 0)
    return datetime.combine(day, quiet_to)


def retry_seconds(attempts: int, key: str) -> int:
    """How long to wait after so many attempts: 30 s, doubled each time up to an hour, spread by a tenth.

    The spread depends on the message, so that a thousand that failed together do not come again together.
    """
    wait = min(FIRST_RETRY * 2 ** min(max(attempts - 1, 0), 20), LONGEST_RETRY)
    return wait + zlib.crc32(key.encode()) % max(wait // 10, 1)


def next_repeat(
    sent: datetime, number: int, every_minutes: int, limit: int, read: bool, expires: datetime | None
) -> datetime | None:
    """When an unread message is said again; None when it is not.

    :param number: how often it was said again so far
    """
    if read or every_minutes <= 0 or number >= limit:
        return None
    moment = sent + timedelta(minutes=every_minutes)
    return None if expires and moment > expires else moment


def routes_for(
    routes: Sequence[Route], muted: Iterable[str], reachable: Iterable[str], must: bool
) -> list[Route]:
    """The channels by which a person is told.

    In-app is never muted and always there: whoever can be reached by nothing else finds it when he signs in.

    :param muted: channels that the person does not want for this kind of message
    :param reachable: channels for which there is an address
    :param must: whether the law or the hospital forbids to opt out
    """
    unwanted = set() if must else set(muted)
    there = set(reachable)
    return [
        route
        for route in routes
        if route.kind == IN_APP or (route.channel not in unwanted and route.channel in there)
    ]


def series_of(key: str, user: str) -> str:
    """What belongs together: one thing told to one person. It begins with the key of the thing."""
    return _fitting(f"{key}|{user}")


def message_key(series: str, channel: str, number: int) -> str:
    """What tells a message from every other: the same thing is told once per channel and repetition."""
    return _fitting(f"{series}|{channel}|{number}")


def _fitting(text: str) -> str:
    """A text as long as a column: a longer one keeps its beginning, and its hash tells it from others that begin alike."""
    if len(text) <= LONGEST_KEY:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text[: LONGEST_KEY - len(digest) - 1]}#{digest}"


def masked(address: str) -> str:
    """An address as people may see it: `138****8000`, `li***@hospital.example`."""
    name, at, host = (address or "").partition("@")
    if at:
        return f"{name[:2]}***@{host}"
    return f"{name[:3]}****{name[-4:]}" if len(name) > 7 else "*" * len(name)
