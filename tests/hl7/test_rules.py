"""What messages mean: every act is found, every order and person is answered, nothing makes it stumble."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medaffairs.integration.hl7.reader import Message
from medaffairs.integration.hl7.writer import build
from medaffairs.integration.rules.directory import DEPARTMENT, DRUG, PERSON, PROCEDURE, Directory, Sender
from medaffairs.integration.rules.facts import merge
from medaffairs.integration.rules.reception import receive
from medaffairs.privileging.rules import Event, GrantIndex, KindSettings, decide

NOW = datetime(2026, 5, 3, 8, 30)
KINDS = {"RX_GEN": "PRESCRIPTION", "ABX_2": "ANTIMICROBIAL", "ABX_3": "ANTIMICROBIAL"}
DIRECTORY = Directory(drug_kinds=KINDS, procedures=frozenset({"47.01", "51.23"}))


def header(kind: str, control: str = "1", **fields: str) -> str:
    values = {"app": "OR", "mode": "P", "version": "2.5.1", "accept": "", "application": ""} | fields
    return (
        f"MSH|^~\\&|{values['app']}|H|MEDAFFAIRS|H|20260503083000||{kind}|{control}|{values['mode']}"
        f"|{values['version']}|||{values['accept']}|{values['application']}||UNICODE UTF-8"
    )


def received(
    *lines: str, directory: Directory = DIRECTORY, allowed=frozenset(), host: str = "10.0.0.1", data=None
):
    """What becomes of a message when only these (person, code) are granted."""
    index = GrantIndex([KindSettings(kind) for kind in ("SURGERY", *sorted(set(KINDS.values())))])
    for number, (who, code) in enumerate(sorted(allowed), start=1):
        index.apply(
            Event(number, "Grant", f"G{number}", who, KINDS.get(code, "SURGERY"), code, datetime(2026, 1, 1))
        )
    return receive(
        build(lines) if data is None else data,
        host,
        directory,
        lambda act: decide(index, act.practitioner, act.kind, act.code, act.at),
        NOW,
    )


def answer(*lines: str, **options) -> Message:
    [only] = received(*lines, **options).answers
    return Message(only)


SIU = ("SCH|A1", "PID|1||P1")

PEOPLE, CODES = ("D1", "D2", "D3"), ("47.01", "51.23", "06.2")
GROUPS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(CODES), max_size=2),
        st.lists(
            st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["SURGEON", "", "ASSISTANT"])), max_size=3
        ),
    ),
    min_size=1,
    max_size=3,
)


def oracle(groups) -> set[tuple[str, str]]:
    """(person, code) to be checked: in a group all with all, what is alone in its group with everything."""
    surgeons = [[who for who, role in team if role != "ASSISTANT"] for _, team in groups]
    everybody = {who for team in surgeons for who in team}
    every_code = {code for codes, _ in groups for code in codes}
    pairs = set()
    for (codes, _), team in zip(groups, surgeons, strict=True):
        pairs |= {
            (who, code) for code in (codes or (every_code if team else ())) for who in (team or everybody)
        }
    return pairs


@settings(deadline=None)
@given(GROUPS, st.sets(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(CODES)), max_size=5))
def test_every_surgeon_is_checked_for_every_procedure_of_his_group(groups, allowed) -> None:
    lines = [header("SIU^S14"), *SIU]
    for codes, team in groups:
        lines.append("RGS|1")
        lines += [f"AIS|1|A|{code}^x^ICD9CM3" for code in codes]
        lines += [f"AIP|1|A|{who}|{role}" for who, role in team]
    result = received(*lines, allowed=allowed)
    assert {(r.act.practitioner, r.act.code) for r in result.rulings} == oracle(groups)
    denied = {(r.act.practitioner, r.act.code) for r in result.rulings if not r.decision.allowed}
    assert denied == oracle(groups) - allowed
    told = {tuple(s.get(7).split(" SURGERY ")) for s in Message(result.answers[0]).segments("ERR")}
    assert told == denied
    expected = "" if not oracle(groups) else ("UA" if denied else "OK")
    assert Message(result.answers[0]).get("MSA-3") == expected


ORDERS = st.lists(
    st.tuples(
        st.sampled_from(["NW", "XO", "CA", "DC"]),
        st.sampled_from(PEOPLE),
        st.sampled_from(["ABX_2", "ABX_3", "ASPIRIN"]),
    ),
    min_size=1,
    max_size=6,
)


@settings(deadline=None)
@given(ORDERS, st.sets(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(sorted(KINDS))), max_size=6))
def test_every_order_has_an_answer_of_its_own(orders, allowed) -> None:
    lines = [header("OMP^O09"), "PID|1||P1"]
    for number, (control, who, drug) in enumerate(orders):
        lines += [f"ORC|{control}|N{number}||||||||||{who}", f"RXO|{drug}^x^L"]
    reply = answer(*lines, allowed=allowed)
    assert reply.header.message_type == "ORP^O10"
    expected = []
    for number, (control, who, drug) in enumerate(orders):
        needed = drug if drug in KINDS else "RX_GEN"
        good, bad = {"NW": ("OK", "UA"), "XO": ("XR", "UX"), "CA": ("CR", "CR"), "DC": ("DR", "DR")}[control]
        expected.append((f"N{number}", good if (who, needed) in allowed else bad))
    assert [(s.get(2), s.get(1)) for s in reply.segments("ORC")] == expected
    refused = [s for s in reply.segments("ORC") if s.get(1) in ("UA", "UX")]
    assert len(reply.segments("ERR")) == len(refused)
    assert all(s.get(16) == "NO_GRANT" for s in refused)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_is_sent_has_an_answer(data) -> None:
    """A good message of any type, damaged at random: never an exception, never silence."""
    kind = data.draw(
        st.sampled_from(["SIU^S12", "SRM^S01", "ORM^O01", "RDE^O11", "MFN^M02", "PMU^B01", "ADT^A01"])
    )
    lines = [
        header(kind), "EVN|A01", "SCH|A1", "ARQ|A1", "MFI|PRA", "MFE|MAD|1||D9|CE", "STF|D9||张^三|||19800101|A|0301",
        "PRA|D9||MD", "PID|1||P1||王", "PV1|1|I|0301||||D1||||||||||||V1", "RGS|1", "AIS|1|A|47.01", "AIP|1|A|D1",
        "ORC|NW|1||||||||||D1", "RXO|X", "RXE||X", "OBR|1|1||47.01",
    ]  # fmt: skip
    raw = bytearray(build([lines[0], *data.draw(st.permutations(lines[1:]))]))
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] = data.draw(st.sampled_from(b"|^~\\&\r\xff\x00A1MS"))
    result = received(data=bytes(raw))
    assert result.answers
    reply = Message(result.answers[0])
    assert reply.get("MSA-1") in ("AA", "AE", "AR", "CA", "CE", "CR")
    assert result.accepted or result.error
    if result.header is not None:
        assert reply.get("MSA-2") == result.header.control_id


@pytest.mark.parametrize(
    ("accept", "application", "good", "bad"),
    [
        ("", "", ["AA"], ["AE"]),
        ("AL", "NE", ["CA"], ["CE"]),
        ("AL", "AL", ["CA", "AA"], ["CE"]),
        ("NE", "AL", ["AA"], ["AE"]),
        ("ER", "AL", ["AA"], ["CE"]),
        ("SU", "AL", ["CA", "AA"], ["AE"]),
        ("NE", "NE", [], []),
        ("ER", "ER", [], ["CE"]),
        ("NE", "ER", [], ["AE"]),
        ("AL", "", ["CA"], ["CE"]),
    ],
)
def test_acknowledgement_modes(accept, application, good, bad) -> None:
    first = header("SIU^S15", accept=accept, application=application)
    codes = [Message(a).get("MSA-1") for a in received(first, "SCH|A1").answers]
    assert codes == good
    codes = [Message(a).get("MSA-1") for a in received(first, "PID|1||P1").answers]
    assert codes == bad


@pytest.mark.parametrize(
    ("line", "code", "place"),
    [
        (header("ORU^R01"), "200", "MSH-9"),
        (header("ADT^A40"), "201", "MSH-9"),
        (header("SIU^S12", mode="T"), "202", "MSH-11"),
        (header("SIU^S12", mode=""), "202", "MSH-11"),
        (header("SIU^S12", version="3.0"), "203", "MSH-12"),
        (header("SIU^S12", control=""), "101", "MSH-10"),
        (header("SIU^S12", control="x" * 141), "102", "MSH-10"),
        (header("SIU^S12", accept="XX"), "103", "MSH-15"),
    ],
)
def test_what_is_not_for_us_is_rejected_with_its_field(line, code, place) -> None:
    reply = answer(line, *SIU)
    assert (reply.get("MSA-1") in ("AR", "CR"), reply.get("ERR-3")) == (True, code)
    assert f"MSH-{reply.get('ERR-2.3')}" == place


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (["PID|1||P1"], "SCH"),
        (["SCH|", "AIS|1|A|47.01", "AIP|1|A|D1"], "SCH-1"),
        ([*SIU, "AIP|1|A|D1"], "AIS"),
        ([*SIU, "AIS|1|A|47.01"], "AIP"),
        ([*SIU, "AIS|1|A|47.01", "AIP|1|A|D1|ASSISTANT"], "AIP-4"),
        ([*SIU, "AIS|1|A|47.01", "AIP|1|A|D1", "AIP|2|A|D2|SURGOEN"], "AIP[2]-4"),
        ([*SIU, "AIS|1|A|", "AIP|1|A|D1"], "AIS-3"),
        ([*SIU, "AIS|1|A|47.01|tomorrow", "AIP|1|A|D1"], "AIS-4"),
        ([*SIU, "AIS|1|A|47.01", "AIP|1|A|"], "AIP-3"),
        (["SCH|A1", "PID|1||", "AIS|1|A|47.01", "AIP|1|A|D1"], "PID-3"),
    ],
)
def test_a_message_with_a_mistake_names_it_and_is_not_processed(lines, place) -> None:
    reply = answer(header("SIU^S12"), *lines)
    assert reply.get("MSA-1") == "AE"
    name, number, field = [*reply.segment("ERR").components(2), "", ""][:3]
    assert name + (f"[{number}]" if number != "1" else "") + (f"-{field}" if field else "") == place


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (["MFE|MAD|1||D9|CE", "STF|D9"], "MFI"),
        (["MFI|PRA", "STF|D9"], "MFE"),
        (["MFI|PRA", "MFE|MAD|1||D9|CE"], "STF"),
    ],
)
def test_a_master_file_names_what_it_lacks(lines, place) -> None:
    reply = answer(header("MFN^M02"), *lines)
    assert (reply.get("MSA-1"), reply.get("ERR-2")) == ("AE", place)


def test_a_sender_without_chinese_letters_is_answered_all_the_same() -> None:
    lines = [header("SIU^S12").replace("UNICODE UTF-8", "ASCII"), "SCH|A1", "AIS|1|A|47.01", "AIP|1|A|D1"]
    index = GrantIndex(translate=lambda text: "未授权")
    result = receive(
        build(lines), "", DIRECTORY, lambda a: decide(index, a.practitioner, a.kind, a.code, a.at), NOW
    )
    reply = Message(result.answers[0])
    assert (reply.get("MSA-3"), reply.get("ERR-5"), reply.get("ERR-8")) == ("UA", "NO_GRANT", "???")


@pytest.mark.parametrize("priority", ["TQ1|1||||||||S", "TQ1|1||||||||stat"])
def test_priorities_of_an_emergency(priority) -> None:
    lines = [*SIU, priority, "AIS|1|A|47.01", "AIP|1|A|D1"]
    assert received(header("SIU^S12"), *lines).rulings[0].act.emergency
    assert not received(header("SIU^S12"), *lines[:2], *lines[3:]).rulings[0].act.emergency


@pytest.mark.parametrize(
    "order",
    [
        "ORC|NW|1|||||^^^^^S|||||D1\rRXO|X",
        "ORC|NW|1||||||||||D1\rTQ1|1||||||||S\rRXO|X",
        "ORC|NW|1||||||||||D1\rOBR|1|1||47.01|||||||||||||||||||||||^^^^^STAT",
    ],
)
def test_priorities_of_an_urgent_order(order) -> None:
    assert received(header("ORM^O01"), *order.split("\r")).rulings[0].act.emergency


def test_codes_of_the_sender_are_translated() -> None:
    directory = Directory(
        mappings={
            ("OR|H", PERSON, "staff-7"): "D1",
            ("OR", PROCEDURE, "appendix"): "47.01",
            ("*", DRUG, "J01"): "ABX_2",
            ("HIS", DEPARTMENT, "x"): "y",
        },
        drug_kinds=KINDS,
    )
    act = (
        received(header("SIU^S12"), *SIU, "AIS|1|A|appendix", "AIP|1|A|staff-7", directory=directory)
        .rulings[0]
        .act
    )
    assert (act.practitioner, act.code) == ("D1", "47.01")
    act = (
        received(header("OMP^O09"), "ORC|NW|1||||||||||staff-7", "RXO|J01", directory=directory)
        .rulings[0]
        .act
    )
    assert (act.practitioner, act.kind, act.code) == ("D1", "ANTIMICROBIAL", "ABX_2")


def test_orders_that_need_no_privilege_pass_without_a_prescriber() -> None:
    reply = answer(header("ORM^O01"), "ORC|NW|1", "OBR|1|1||CBC^blood count^L")
    assert (reply.get("ORC-1"), reply.get("MSA-3")) == ("OK", "")


def test_only_registered_senders_are_heard() -> None:
    directory = Directory(senders=(Sender("OR", "H", "10.0.0.1"), Sender("HIS", codec="gb18030")))
    cancelled = [header("SIU^S15"), "SCH|A1"]
    assert answer(*cancelled, directory=directory).get("MSA-1") == "AA"
    for reply in (
        answer(*cancelled, directory=directory, host="10.0.0.2"),
        answer(header("SIU^S15", app="LIS"), "SCH|A1", directory=directory),
    ):
        assert (reply.get("MSA-1"), reply.get("ERR-3"), reply.get("ERR-2.3")) == ("AR", "204", "3")


def test_a_sender_without_msh_18_is_read_in_its_own_character_set() -> None:
    directory = Directory(senders=(Sender("手麻", codec="gb18030"),))
    lines = [header("SIU^S15", app="手麻").replace("UNICODE UTF-8", ""), "SCH|A1", "PID|1||P1||王^小明"]
    result = received(data=build(lines, "gb18030"), directory=directory)
    assert result.accepted and "王^小明" in result.payload
    assert "手麻".encode("gb18030") in result.answers[0]


VALUES = st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "1", "2", "3"]))


@given(VALUES, VALUES, VALUES)
def test_merging_takes_news_and_never_overwrites_what_people_changed(known, base, sent) -> None:
    changes, conflicts = merge(known, base, sent)
    assert not set(changes) & set(conflicts)
    for name, theirs in sent.items():
        ours, before = known.get(name, ""), base.get(name)
        if name in changes:
            assert changes[name] == theirs != ours
            assert ours in ("", before) or before is None
        elif name in conflicts:
            assert conflicts[name] == (ours, theirs) and ours != before and theirs != before
        else:
            assert theirs in (ours, before)
