"""What is queued, when and once: the ledger, the clock, subscriptions, places in the ledger, full synchronisation."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import frappe
import pytest
from delivery.hospital import CODE, OTHER_CODE, PERSON, deliveries, delivering, grant, revoke, settled
from delivery.peer import Peer
from frappe.utils import get_datetime, now_datetime

from medaffairs.integration.hl7 import standard
from medaffairs.integration.hl7.reader import Message
from medaffairs.integration.outbound.outbox import Outbox, newest_event
from medaffairs.privileging import ledger

NOWHERE = 9


@pytest.fixture
def endpoint(make_endpoint) -> str:
    """A system that hears of everything and is never sent to in these tests."""
    return make_endpoint(NOWHERE, send_master_file=1)


def queued(endpoint: str, advance: bool = True) -> list[Message]:
    """What is queued for a system by now, in order."""
    if advance:
        Outbox().advance()
    return [Message(row.payload.encode()) for row in deliveries(endpoint, "payload")]


def types(endpoint: str) -> list[str]:
    """The kinds of messages that are queued for a system by now."""
    return [message.header.message_type for message in queued(endpoint)]


def suspend(start, end):
    """Lets the surgeon's privileges rest for a period; the suspension."""
    reason = frappe.db.get_value("Dictionary Item", {"dictionary": "SUSPEND_REASON"})
    doc = frappe.get_doc(
        doctype="Privilege Suspension", practitioner=PERSON, reason=reason, from_time=start, to_time=end, remark="进修"
    ).insert()  # fmt: skip
    frappe.db.commit()
    return doc


def test_a_grant_says_who_may_do_what_from_when_until_when(endpoint):
    end = now_datetime() + timedelta(days=730)
    name = grant(valid_to=end)
    change, master = queued(endpoint)
    assert (change.header.message_type, change.header.structure) == ("PMU^B07", "PMU_B07")
    assert change.names == ("MSH", "EVN", "STF", "PRA", "CER")
    assert (change.get("EVN-1"), change.get("EVN-4"), change.get("EVN-5")) == (
        "B07",
        "GRANT",
        "Administrator",
    )
    assert (change.get("STF-1"), change.get("STF-3"), change.get("STF-5"), change.get("STF-7")) == (
        PERSON, "苏文轩", "M", "A",
    )  # fmt: skip
    assert change.get("STF-8.2") == "普外科"
    privilege = change.require("PRA")
    assert [privilege.get(7, 1, part) for part in (1, 2, 3)] == [CODE, "腹腔镜下胆囊切除术", "ICD9CM3"]
    assert [privilege.get(7, 2, part) for part in (1, 3)] == ["SURGERY", "99KIND"]
    assert privilege.get(7, 3) == f"{end:%Y%m%d}"
    certificate = change.require("CER")
    assert (certificate.get(2), certificate.get(3)) == (name, str(newest_event()))
    assert certificate.time(27) == end.replace(microsecond=0)
    assert certificate.get(31) == "V"
    assert master.names == ("MSH", "MFI", "MFE", "STF", "PRA")
    assert (master.get("MFI-1"), master.get("MFE-1"), master.get("MFE-4")) == ("PRA", "MUP", PERSON)
    assert master.get("PRA-7.1") == CODE
    assert not standard.faults(deliveries(endpoint, "payload")[0].payload)


def test_a_revocation_says_why_and_the_master_file_lacks_the_item(endpoint):
    name = grant()
    queued(endpoint)
    revoke(name, "考核不合格")
    *_, change, master = queued(endpoint)
    assert (change.header.message_type, change.get("PRA-7.1")) == ("PMU^B08", CODE)
    assert (change.get("CER-30.1"), change.get("CER-30.2"), change.get("CER-31")) == (
        "REVOKE",
        "考核不合格",
        "R",
    )
    assert master.require("PRA").repetitions(7) == []


def test_an_extension_is_told_with_its_new_end(endpoint):
    name = grant(valid_to=now_datetime() + timedelta(days=10))
    queued(endpoint)
    end = now_datetime() + timedelta(days=400)
    ledger.extend(name, end, "再评估通过")
    frappe.db.commit()
    *_, change, _master = queued(endpoint)
    assert (change.header.message_type, change.get("EVN-4")) == ("PMU^B07", "EXTEND")
    assert change.require("CER").time(27) == end.replace(microsecond=0)


def test_changes_of_one_moment_bring_one_master_file(endpoint):
    grant()
    grant(OTHER_CODE)
    assert types(endpoint) == ["PMU^B07", "PMU^B07", "MFN^M02"]
    assert len(queued(endpoint)[-1].require("PRA").repetitions(7)) == 2


def test_a_suspension_at_once_and_its_early_end(endpoint):
    grant()
    doc = suspend(now_datetime(), now_datetime() + timedelta(days=30))
    assert types(endpoint) == ["PMU^B07", "PMU^B08", "MFN^M02"]
    assert queued(endpoint)[1].get("CER-31") == "I"
    doc.to_time = now_datetime()
    doc.save()
    frappe.db.commit()
    assert types(endpoint)[3:] == ["PMU^B07", "MFN^M02"]
    assert queued(endpoint)[3].get("EVN-4") == "RESUME"


def test_what_the_clock_does_is_told_without_anybody_acting(make_endpoint):
    async def story():
        async with Peer() as peer, delivering():
            endpoint = make_endpoint(peer.port)
            now = now_datetime()
            grant(valid_from=now + timedelta(seconds=1), valid_to=now + timedelta(seconds=4))
            suspend(now + timedelta(seconds=2), now + timedelta(seconds=3))
            await peer.until(4)
            rows = await settled(endpoint, *["Acknowledged"] * 4)
            assert peer.kinds == ["PMU^B07", "PMU^B08", "PMU^B07", "PMU^B08"]
            assert [row.event_type for row in rows] == ["Begin", "Suspend", "Resume", "Expire"]

    asyncio.run(story())


def test_what_the_clock_did_while_nobody_looked_is_told_afterwards_and_once(endpoint):
    grant(valid_to=now_datetime() + timedelta(days=1))
    queued(endpoint)
    # A day passes; the gate was off meanwhile.
    past = now_datetime() - timedelta(days=2)
    event = frappe.qb.DocType("Privilege Event")
    frappe.qb.update(event).set(event.effective_from, str(past)).set(
        event.effective_to, str(past + timedelta(days=1))
    ).where(event.practitioner == PERSON).run()
    frappe.db.set_value("HL7 Endpoint", endpoint, "last_moment", past + timedelta(hours=1))
    frappe.db.commit()
    Outbox().advance()
    # Other persons of the site may have their own changes in these two days.
    mine = [message for message in queued(endpoint) if message.get("STF-1") == PERSON]
    assert [message.header.message_type for message in mine[2:]] == ["PMU^B08", "MFN^M02"]
    assert mine[2].get("CER-31") == "E"


def test_nothing_is_queued_twice_however_often_one_looks(endpoint):
    grant()
    for _ in range(3):
        assert types(endpoint) == ["PMU^B07", "MFN^M02"]


def test_a_pass_that_fails_moves_nothing_and_the_next_one_does_all(endpoint, monkeypatch):
    grant()
    before = frappe.db.get_value("HL7 Endpoint", endpoint, "last_sequence")
    with monkeypatch.context() as broken:
        broken.setattr(frappe.db, "set_value", _refuse)
        assert types(endpoint) == []
    assert frappe.db.get_value("HL7 Endpoint", endpoint, "last_sequence") == before
    assert types(endpoint) == ["PMU^B07", "MFN^M02"]


def _refuse(*_args: object, **_kwargs: object) -> None:
    raise frappe.QueryTimeoutError("the database is away")


def test_the_same_change_cannot_be_written_twice(endpoint):
    grant()
    place = frappe.db.get_value("HL7 Endpoint", endpoint, ["last_sequence", "last_moment"], as_dict=True)
    queued(endpoint)
    # As if another process had read the place before this one moved it.
    frappe.db.set_value("HL7 Endpoint", endpoint, dict(place))
    frappe.db.commit()
    assert types(endpoint) == ["PMU^B07", "MFN^M02"]


def test_a_system_that_begins_now_hears_nothing_of_the_past(make_endpoint):
    grant()
    endpoint = make_endpoint(NOWHERE)
    assert types(endpoint) == []
    grant(OTHER_CODE)
    assert types(endpoint) == ["PMU^B07"]


def test_a_system_that_begins_with_everything_gets_each_practitioner(make_endpoint):
    grant()
    revoke(grant(OTHER_CODE))
    endpoint = make_endpoint(NOWHERE, start_mode="Full Synchronisation")
    found = queued(endpoint)
    assert {message.header.message_type for message in found} == {"MFN^M02"}
    assert len(found) == frappe.db.count("Practitioner")
    (mine,) = [message for message in found if message.get("STF-1") == PERSON]
    assert [mine.require("PRA").get(7, 1, 1, number) for number in (1, 2)] == [CODE, ""]
    grant(OTHER_CODE)
    assert types(endpoint)[len(found) :] == ["PMU^B07"]


def test_a_system_that_was_disabled_goes_on_where_it_stopped(endpoint):
    doc = frappe.get_doc("HL7 Endpoint", endpoint)
    doc.enabled = 0
    doc.save()
    name = grant()
    assert types(endpoint) == []
    revoke(name)
    doc.reload()
    doc.enabled = 1
    doc.save()
    frappe.db.commit()
    assert types(endpoint) == ["PMU^B07", "PMU^B08", "MFN^M02"]


def test_a_system_hears_of_the_kinds_it_subscribes_to(make_endpoint):
    surgery = make_endpoint(NOWHERE, name="测试手术", kinds=[{"kind": "SURGERY"}])
    drugs = make_endpoint(NOWHERE, name="测试药品", kinds=[{"kind": "ANTIMICROBIAL"}], send_master_file=1)
    grant()
    ledger.grant(PERSON, "ANTIMICROBIAL", "ABX_2")
    frappe.db.commit()
    assert [message.get("PRA-7.2") for message in queued(surgery)] == ["SURGERY"]
    told, master = queued(drugs, advance=False)
    codes = {told.require("PRA").get(7, 1, 1, number) for number in (1, 2)}
    assert codes == {"ABX_1", "ABX_2"}, "the grade and the lower one that it includes"
    assert len(master.require("PRA").repetitions(7)) == 2


def test_messages_use_the_receiver_s_codes(make_endpoint):
    for doctype, code, target in (("Practitioner", "DOC-88", PERSON), ("Procedure", "OP-1", CODE)):
        frappe.get_doc(
            doctype="Code Mapping",
            source_system="ORIS",
            target_doctype=doctype,
            source_code=code,
            target=target,
        ).insert()
    endpoint = make_endpoint(NOWHERE)
    grant()
    (change,) = queued(endpoint)
    assert (change.get("STF-1"), change.get("STF-2")) == ("DOC-88", PERSON)
    assert (change.get("PRA-7.1"), change.get("CER-11")) == ("OP-1", "OP-1")


@pytest.mark.parametrize(
    "values, words",
    [
        ({"host": ""}, "主机"),
        ({"host": "http://his"}, "主机"),
        ({"port": 0}, "端口"),
        ({"port": 65536}, "端口"),
        ({"retry_limit_seconds": -1}, "重试"),
        ({"tls": 1, "tls_ca": "no certificate"}, "PEM"),
        ({"kinds": [{"kind": "SURGERY"}, {"kind": "SURGERY"}]}, "权限类别"),
        ({"charset": "BIG5"}, "BIG5"),
    ],
)
def test_settings_that_cannot_work_are_refused_in_words(hospital, values, words):
    frappe.local.lang = "zh"
    settings = {
        "endpoint_name": "测试错误",
        "direction": "Outbound",
        "enabled": 1,
        "host": "10.0.0.1",
        "port": 6661,
    }
    with pytest.raises(frappe.ValidationError, match=words):
        frappe.get_doc(doctype="HL7 Endpoint", **settings | values).insert()


def test_one_code_of_a_system_stands_for_one_record(hospital):
    values = {
        "doctype": "Code Mapping",
        "source_system": "HIS",
        "source_code": "A1",
        "target_doctype": "Procedure",
    }
    frappe.get_doc(**values, target=CODE).insert()
    with pytest.raises(frappe.DuplicateEntryError):
        frappe.get_doc(**values, target=OTHER_CODE).insert()
    with pytest.raises(frappe.ValidationError):
        frappe.get_doc(
            **values | {"target_doctype": "User", "target": "Administrator", "source_code": "X"}
        ).insert()


def test_nobody_writes_or_deletes_deliveries_by_hand(endpoint):
    grant()
    queued(endpoint)
    doc = frappe.get_last_doc("HL7 Delivery")
    doc.status = "Acknowledged"
    with pytest.raises(frappe.PermissionError):
        doc.save(ignore_permissions=True)
    with pytest.raises(frappe.PermissionError):
        frappe.delete_doc("HL7 Delivery", doc.name, ignore_permissions=True)
    with pytest.raises(frappe.ValidationError):
        frappe.delete_doc("HL7 Endpoint", endpoint)


def test_the_place_in_the_ledger_follows_the_events(endpoint):
    grant()
    queued(endpoint)
    place = frappe.db.get_value("HL7 Endpoint", endpoint, ["last_sequence", "last_moment"], as_dict=True)
    assert place.last_sequence == newest_event()
    assert get_datetime(place.last_moment) <= now_datetime()
