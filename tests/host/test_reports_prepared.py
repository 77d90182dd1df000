"""Reports that are prepared in the background, shown and downloaded later."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import frappe
import pytest
from frappe.core.doctype.prepared_report import prepared_report as door
from frappe.desk import query_report
from host.kit import CHIEF, CLERK, field, rule

TRIP, SLOW = "Host Trip", "Host Slow Trips"


@pytest.fixture
def slow(make_doctype: Callable, site: str) -> Iterator[str]:
    """A report that is prepared, over two trips."""
    if not frappe.db.exists("DocType", TRIP):
        make_doctype(TRIP, [field("title"), field("number", "Int")], [rule(CHIEF, "read", "report"), rule(CLERK, "read", "report")], autoname="field:title")  # fmt: skip
        for number in (1, 2):
            frappe.get_doc(doctype=TRIP, title=f"trip {number}", number=number).insert()
    frappe.get_doc(
        doctype="Report", report_name=SLOW, ref_doctype=TRIP, is_standard="No", report_type="Query Report", prepared_report=1,
        query="select title, number from `tabHost Trip` where number >= %(least)s order by number", add_total_row=1,
    ).insert()  # fmt: skip
    frappe.db.commit()
    yield SLOW
    frappe.db.rollback()
    frappe.set_user("Administrator")
    for name in frappe.get_all("Prepared Report", {"report_name": SLOW}, pluck="name"):
        frappe.delete_doc("Prepared Report", name, force=True)
    frappe.delete_doc("Report", SLOW, force=True)
    frappe.db.commit()


def prepare(**filters: object) -> str:
    """Asks for a run and does what the background does."""
    name = door.make_prepared_report(SLOW, json.dumps(filters))["name"]
    frappe.db.commit()
    door.generate_report(name)
    return name


def test_before_it_is_prepared_there_is_nothing(slow):
    answer = query_report.run(SLOW, filters={"least": 1})
    assert answer["prepared_report"] is True and answer["doc"] is None and "result" not in answer
    at_once = query_report.run(SLOW, filters={"least": 1}, ignore_prepared_report=True)
    assert len(at_once["result"]) == 3


def test_a_run_waits_until_it_is_done(slow):
    name = door.make_prepared_report(SLOW, json.dumps({"least": 2}))["name"]
    assert frappe.db.get_value("Prepared Report", name, ["status", "report_name"]) == ("Queued", SLOW)
    assert [row["name"] for row in door.get_reports_in_queued_state(SLOW, json.dumps({"least": 2}))] == [name]
    frappe.db.commit()
    door.generate_report(name)
    assert frappe.db.get_value("Prepared Report", name, "status") == "Completed"
    assert not door.get_reports_in_queued_state(SLOW, json.dumps({"least": 2}))


def test_what_was_prepared_is_shown_for_the_same_filters(slow):
    name = prepare(least=2)
    answer = query_report.run(SLOW, filters={"least": 2})
    assert answer["result"] == [{"title": "trip 2", "number": 2}, ["Total", 2.0]] or answer["result"][0]["title"] == "trip 2"  # fmt: skip
    assert answer["prepared_report"] is True and answer["doc"].name == name
    assert query_report.run(SLOW, filters={"least": 1})["doc"] is None
    named = query_report.run(SLOW, filters={"least": 1, "prepared_report_name": name})
    assert named["doc"].name == name


def test_what_was_prepared_is_a_private_file(slow):
    name = prepare(least=1)
    (file,) = frappe.get_all("File", {"attached_to_doctype": "Prepared Report", "attached_to_name": name}, ["is_private", "file_name"])  # fmt: skip
    assert file.is_private and file.file_name.endswith(".json.gz")
    rows = json.loads(frappe.get_doc("Prepared Report", name).get_prepared_data())["result"]
    assert rows[0]["title"] == "trip 1"
    frappe.local.response = frappe._dict(docs=[])
    door.download_attachment(name)
    assert frappe.local.response.type == "binary" and json.loads(frappe.local.response.filecontent)["result"]


def test_another_sees_nothing_of_it(slow, as_user):
    name = prepare(least=1)
    as_user("clerk")
    assert not frappe.get_doc("Prepared Report", name).has_permission("read")
    with pytest.raises(frappe.ValidationError):
        door.download_attachment(name)


def test_a_run_that_fails_says_why(slow):
    frappe.db.set_value("Report", SLOW, "query", "select nonsense from nowhere")
    frappe.clear_cache()
    name = prepare(least=1)
    status, reason = frappe.db.get_value("Prepared Report", name, ["status", "error_message"])
    assert status == "Error" and "nowhere" in reason


def test_runs_are_deleted_with_their_files(slow):
    name = prepare(least=1)
    door.delete_prepared_reports(json.dumps([{"name": name}]))
    assert not frappe.db.exists("Prepared Report", name)
    assert not frappe.get_all("File", {"attached_to_doctype": "Prepared Report", "attached_to_name": name})
