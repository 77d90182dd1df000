"""The log on a site: every door leaves a record, nobody changes one, and what changed is found.

The log is append-only, so these tests leave their records in it.
"""

import csv
import io
import json
import threading

import frappe
import openpyxl
import pytest
from frappe.utils import add_days, nowdate

from medaffairs.audit import api, events, keeper, recorder, watch
from medaffairs.audit.rules import GENESIS, Entry
from medaffairs.audit.verify import verify

pytestmark = pytest.mark.usefixtures("site")
LOG = "Data Access Log"


@pytest.fixture
def auditor(make_user):
    return make_user("log-auditor", "Auditor")


@pytest.fixture
def officer(make_user):
    return make_user("log-officer", "Medical Affairs Officer")


def last(user):
    frappe.db.rollback()
    keeper.bring()
    rows = frappe.get_all(LOG, filters={"user": user}, fields=["*"], order_by="name desc", limit=1)
    return rows[0] if rows else None


def test_a_list_is_recorded_with_its_rows_filters_and_reader(officer, request_as):
    email, token = officer
    answer = request_as(
        token,
        "GET",
        "/api/resource/Dictionary%20Item",
        filters='[["dictionary","=","EXAM"]]',
        limit_page_length=3,
    )
    record = last(email)
    assert (record.action, record.target_type, record.outcome) == ("List", "Dictionary Item", "Success")
    assert record.row_count == len(answer.json["data"]) == 3
    assert "EXAM" in record.filters
    assert record.door == "API"
    assert record.ip and record.duration_ms >= 0


def test_a_refused_read_is_recorded_as_denied(officer, request_as):
    email, token = officer
    answer = request_as(token, "GET", "/api/resource/Data%20Access%20Log", limit_page_length=1)
    assert answer.status == 403
    record = last(email)
    assert (record.action, record.target_type, record.outcome, record.row_count) == ("List", LOG, "Denied", 0)


def test_one_document_and_one_count_are_recorded(officer, request_as):
    email, token = officer
    request_as(token, "GET", "/api/resource/Dictionary/EXAM")
    record = last(email)
    assert (record.action, record.target_name, record.row_count) == ("Read", "EXAM", 1)
    request_as(token, "GET", "/api/method/frappe.client.get_count", doctype="Dictionary Item")
    assert last(email).action == "Count"


def test_an_export_is_recorded_with_its_rows(make_user, request_as):
    email, token = make_user("log-manager", "Medical Affairs Manager", "System Manager")
    answer = request_as(
        token,
        "POST",
        "/api/method/frappe.desk.reportview.export_query",
        doctype="Dictionary Item",
        filters='[["Dictionary Item","dictionary","=","LEVEL_SCHEME"]]',
        fields='["`tabDictionary Item`.`code`"]',
        file_format_type="CSV",
        title="Dictionary Item",
    )
    assert answer.status == 200
    record = last(email)
    assert (record.action, record.target_type) == ("Export", "Dictionary Item")
    assert record.row_count == 5


def test_a_failed_log_in_is_recorded(request_as):
    request_as(None, "POST", "/api/method/login", usr="nobody@test.example", pwd="wrong")
    record = last("Guest")
    assert (record.action, record.target_name, record.outcome) == ("Sign In", "nobody@test.example", "Denied")
    assert "wrong" not in (record.filters or "")


def test_a_read_that_cannot_be_recorded_is_not_answered(auditor, request_as, monkeypatch):
    def broken(entry):
        raise OSError("disk full")

    monkeypatch.setattr(watch, "keep", broken)
    answer = request_as(auditor[1], "GET", "/api/resource/Data%20Access%20Log", limit_page_length=1)
    assert answer.status == 503
    assert "data" not in answer.json
    harmless = request_as(auditor[1], "GET", "/api/resource/Dictionary", limit_page_length=1)
    assert harmless.status == 200


@pytest.mark.parametrize(
    "door",
    [
        lambda name: frappe.get_doc(LOG, name).save(ignore_permissions=True),
        lambda name: frappe.get_doc(LOG, name).delete(ignore_permissions=True),
        lambda name: frappe.delete_doc(LOG, name, force=True, ignore_permissions=True),
        lambda name: frappe.rename_doc(LOG, name, 999_999_999, force=True),
        lambda name: frappe.get_doc({"doctype": LOG, "user": "me"}).insert(ignore_permissions=True),
        lambda name: frappe.get_doc({"doctype": "Audit Seal", "sealed_on": "2020-01-01"}).insert(),
    ],
    ids=["save", "delete", "delete_doc", "rename", "insert", "seal"],
)
def test_nobody_changes_the_log_not_even_the_administrator(door):
    sequence = recorder.record("Read", target_type="Dictionary")
    with pytest.raises((frappe.PermissionError, frappe.ValidationError)):
        door(sequence)
    frappe.db.rollback()
    assert frappe.db.exists(LOG, sequence)


def test_only_the_auditor_reads_the_log(auditor, officer, as_user):
    as_user(officer[0])
    with pytest.raises(frappe.PermissionError):
        api.search()
    as_user(auditor[0])
    assert api.search(page_length=1)["rows"]


def test_sequences_have_no_gap_and_a_stale_head_is_noticed(site):
    first = recorder.record("Read", target_type="Dictionary")
    stale = recorder._heads[site]
    second = recorder.record("Read", target_type="Dictionary")
    recorder._heads[site] = stale
    third = recorder.record("Read", target_type="Dictionary")
    assert (second, third) == (first + 1, first + 2)
    frappe.db.rollback()
    assert verify().intact


def test_writers_at_the_same_time_keep_one_chain(site):
    errors = []

    def write(number):
        try:
            frappe.init(site=site, sites_path=".")
            frappe.connect()
            for _ in range(10):
                recorder._heads.pop(site, None)
                recorder.record("Read", target_type="Dictionary", target_name=str(number))
        except Exception as error:
            errors.append(error)
        finally:
            frappe.destroy()

    before = recorder.read_head()[0]
    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    frappe.db.rollback()
    assert not errors
    assert recorder.read_head()[0] == before + 40
    assert verify().intact


def test_recording_costs_one_statement(site, monkeypatch):
    recorder.record("Read", target_type="Dictionary")
    statements = []
    run = frappe.db.sql
    monkeypatch.setattr(
        frappe.db, "sql", lambda query, *a, **k: (statements.append(str(query)), run(query, *a, **k))[1]
    )
    recorder.record("Read", target_type="Dictionary")
    work = [
        text for text in statements if text.split()[0].lower() not in ("commit", "rollback", "begin", "start")
    ]
    assert len(work) == 1
    assert work[0].lower().startswith("insert")


@pytest.mark.parametrize("column", ["user", "row_count", "filters", "occurred_at", "prev_hash", "row_hash"])
def test_a_tampered_record_is_found(column):
    sequence = recorder.record("Read", target_type="Practitioner", filters="{}")
    recorder.record("Read", target_type="Practitioner")
    assert verify().intact
    value = {"row_count": 77, "occurred_at": "2001-01-01 00:00:00.000000"}.get(column, "x")
    log = frappe.qb.DocType(LOG)
    frappe.qb.update(log).set(column, value).where(log.name == sequence).run()
    verdict = verify()
    assert not verdict.intact
    assert verdict.broken_at == sequence
    frappe.db.rollback()
    assert verify().intact


def test_a_field_that_was_emptied_into_its_neighbour_is_found():
    sequence = recorder.record("Read", user="a@test.example", target_type="Practitioner")
    log = frappe.qb.DocType(LOG)
    joined = "API\x1fRead"
    frappe.qb.update(log).set("door", joined).set("action", None).where(log.name == sequence).run()
    assert verify().broken_at == sequence


def test_chinese_text_is_chained(site):
    recorder.record("Read", target_type="Practitioner", filters='{"姓名":"欧阳"}', target_name="𠮷野")
    assert verify().intact


def test_a_deleted_record_is_found():
    sequence = recorder.record("Read", target_type="Practitioner")
    recorder.record("Read", target_type="Practitioner")
    log = frappe.qb.DocType(LOG)
    frappe.qb.from_(log).delete().where(log.name == sequence).run()
    assert (verify().broken_at, verify().reason) == (sequence, "missing")


def test_a_seal_finds_a_log_that_was_cut_and_chained_anew(site):
    recorder.record("Read", target_type="Practitioner")
    last_sequence, _head = recorder.read_head()
    day = add_days(nowdate(), 5_000)
    assert events.seal(day)
    assert events.seal(day) is None
    log = frappe.qb.DocType(LOG)
    frappe.qb.from_(log).delete().where(log.name == last_sequence).run()
    assert not verify().intact
    entry = Entry(recorder.moment(), "forger", "Read")
    previous = frappe.db.get_value(LOG, last_sequence - 1, "row_hash") or GENESIS
    recorder_row = recorder.chain([entry], last_sequence - 1, previous)
    sequence, prev_hash, digest, values = next(iter(recorder_row))
    row = (sequence, values[0], values[0], "x", "x", 0, 0, prev_hash, digest, *values)
    frappe.db.sql(recorder.INSERT + recorder.ROW, row)
    assert (verify().broken_at, verify().reason) == (last_sequence, "seal")


def test_records_younger_than_half_a_year_are_never_deleted(site):
    recorder.record("Read", target_type="Practitioner")
    before = frappe.db.count(LOG)
    frappe.db.set_single_value("Medical Affairs Settings", "audit_retention_days", 1)
    young = add_days(nowdate(), -182)
    frappe.db.bulk_insert(
        "Audit Seal",
        ["name", "sealed_on", "last_sequence", "record_count", "purged"],
        [["young", young, 1, 1, 0]],
    )
    assert events.purge() == 0
    assert frappe.db.count(LOG) == before


def test_search_filters_pages_and_counts(auditor, as_user):
    for number in range(3):
        recorder.record(
            "Read", target_type="Practitioner", target_name=f"needle-{number}", user="search@test.example"
        )
    as_user(auditor[0])
    found = api.search({"user": "search@test.example", "target_name": "needle-"}, page_length=2)
    assert found["total"] >= 3
    assert len(found["rows"]) == 2
    assert found["rows"][0]["sequence"] > found["rows"][1]["sequence"]
    assert api.search({"target_name": "100%_no such"})["total"] == 0


@pytest.mark.parametrize("filters", ['{"user": ', "[1]", '{"owner": "x"}', {"x; drop table y": 1}])
def test_search_refuses_what_it_does_not_know(auditor, as_user, filters):
    as_user(auditor[0])
    with pytest.raises(frappe.ValidationError):
        api.search(filters)


def test_exports_hold_the_rows_and_are_recorded(auditor, request_as):
    email, token = auditor
    for number in range(3):
        recorder.record(
            "Read", target_type="Practitioner", target_name=f"=cmd{number}", user="export@test.example"
        )
    filters = json.dumps({"user": "export@test.example"})
    answer = request_as(token, "GET", "/api/method/medaffairs.audit.api.export", filters=filters)
    rows = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert answer.status == 200
    assert len(rows) >= 4
    assert rows[1][7].startswith("'=cmd")
    record = last(email)
    assert (record.action, record.target_type, record.row_count) == ("Export", LOG, len(rows) - 1)
    book = request_as(
        token, "GET", "/api/method/medaffairs.audit.api.export", filters=filters, file_format="xlsx"
    )
    sheet = openpyxl.load_workbook(io.BytesIO(book.body)).active
    assert sheet.max_row == len(rows)


def test_an_administrator_does_not_audit_himself():
    user = frappe.get_doc(
        {"doctype": "User", "email": "both@test.example", "first_name": "both", "send_welcome_email": 0}
    )
    user.append("roles", {"role": "System Manager"})
    user.append("roles", {"role": "Auditor"})
    with pytest.raises(frappe.ValidationError):
        user.insert(ignore_permissions=True)
