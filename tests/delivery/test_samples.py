"""Every message on docs/integration-outbound.md is the one that is sent, to the letter, and keeps to the standard."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import hl7
import pytest

from medaffairs.integration.hl7 import standard
from medaffairs.integration.outbound import messages
from medaffairs.integration.outbound.messages import Cause, Item, Letterhead, Person
from medaffairs.integration.outbound.rules import Held
from medaffairs.privileging import rules as privileges

PAGE = Path(__file__).parents[2] / "docs" / "integration-outbound.md"
HEAD = Letterhead(("MEDAFFAIRS", "HOSP"), ("ORIS", "HOSP"), hospital="示范医院")
PERSON = Person(
    "20001", "20001", "李四", "Male", "Physician", "0301", "普外科", "主治医师", "110000000000001"
)
START, END = datetime(2026, 5, 3, 8, 30), datetime(2028, 5, 3, 8, 30)


def held(code: str = "47.0100", reason: str = privileges.GRANTED, kind: str = "SURGERY", end=END) -> Held:
    """A privilege of the sample."""
    allowed = reason == privileges.GRANTED
    return Held(
        kind, code, allowed, reason, f"PG-00{50121 if kind == 'SURGERY' else 50122}", START, end, START
    )


def surgery(reason: str = privileges.GRANTED, end=END) -> Item:
    """Appendectomy, level 2."""
    state = held(reason=reason, end=end)
    return Item(state, "47.0100", "阑尾切除术", "ICD9CM3", "手术分级授权", "2", START, "yiwu@hosp.example")


def drug(
    code: str = "ABX_2", name: str = "限制使用级抗菌药物处方权", reason: str = privileges.GRANTED
) -> Item:
    """An antimicrobial grade."""
    state = held(code, reason, "ANTIMICROBIAL")
    return Item(state, code, name, "99PRIV", "抗菌药物处方权", "", START, "yiwu@hosp.example")


def change(
    control: str,
    now: datetime,
    granted: bool,
    event: str,
    reason: str,
    *items: Item,
    actor: str = "yiwu@hosp.example",
) -> str:
    """PMU of the sample."""
    cause = Cause(event, 50300 + int(control[-1]), now, now, actor, reason)
    return messages.privilege_change(HEAD, control, now, PERSON, granted, cause, items)


LOWER = drug("ABX_1", "非限制使用级抗菌药物处方权")
SAMPLES = {
    "grant": change("MA0001", START, True, "Grant", "", surgery()),
    "grant of a grade": change("MA0002", START, True, "Grant", "", LOWER, drug()),
    "extension": change("MA0003", datetime(2028, 4, 1, 9), True, "Extend", "再评估通过", surgery(end=datetime(2030, 5, 3, 8, 30))),
    "revocation": change(
        "MA0004", datetime(2027, 1, 15, 10), False, "Revoke", "考核不合格", surgery(privileges.REVOKED, datetime(2027, 1, 15, 10)),
    ),
    "suspension": change("MA0005", datetime(2026, 9, 1), False, "Suspend", "", surgery(privileges.SUSPENDED), actor=""),
    "return": change("MA0006", datetime(2027, 3, 1), True, "Resume", "", surgery(), actor=""),
    "expiry": change("MA0007", END, False, "Expire", "", surgery(privileges.EXPIRED), actor=""),
    "master file": messages.master_file(HEAD, "MA0008", START, PERSON, START, [LOWER, drug(), surgery()]),
    "connection test": messages.connection_test(HEAD, "MA0009", START),
}  # fmt: skip


def on_page() -> dict[str, str]:
    """The samples of the page by their names."""
    text = PAGE.read_text(encoding="utf-8")
    return dict(re.findall(r"```hl7 ([a-z ]+)\n(.*?)```", text, re.S))


def test_the_page_shows_every_kind_of_message():
    assert set(on_page()) == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_what_is_sent(name):
    assert on_page()[name] == SAMPLES[name].replace("\r", "\n")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_keeps_to_the_standard(name):
    assert standard.faults(SAMPLES[name]) == ""


def test_another_reader_understands_a_sample_as_we_do():
    message = hl7.parse(SAMPLES["grant"])
    assert str(message.segment("PRA")[7]).split("^")[0] == "47.0100&阑尾切除术&ICD9CM3"
    assert str(message.segment("CER")[2]) == "PG-0050121"
