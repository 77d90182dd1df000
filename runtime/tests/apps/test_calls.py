"""The calls that a desk makes: lists, trees, forms, reports, prints, workspaces, of the app's own DocTypes."""

from __future__ import annotations

import json

import pytest

from .conftest import CLERK, OTHER, READER


@pytest.fixture
def clerk(browser):
    """The clerk, with the token for writes."""
    browser.sign_in(CLERK)
    token = browser.call("lendery.api.csrf_token").json()["message"]
    browser.http.headers["X-Frappe-CSRF-Token"] = token
    return browser


def _name(clerk, title: str) -> str:
    rows = clerk.get(f'/api/resource/Lending Item?filters=[["title","=","{title}"]]').json()["data"]
    return rows[0]["name"]


def _lend(clerk, member: str = "R1") -> dict:
    answer = clerk.post(
        "/api/resource/Lending Loan", json={"member": member, "items": [{"item": _name(clerk, "Emma")}]}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def test_a_loan_is_saved_submitted_and_cancelled_as_a_form_does_it(clerk):
    item = _name(clerk, "Emma")
    new = {
        "doctype": "Lending Loan",
        "__islocal": 1,
        "name": "new-lending-loan-1",
        "member": "R1",
        "items": [{"doctype": "Lending Loan Line", "__islocal": 1, "item": item}],
    }
    saved = clerk.call("frappe.desk.form.save.savedocs", "post", doc=json.dumps(new), action="Save")
    assert saved.status_code == 200, saved.text
    doc = saved.json()["docs"][0]
    assert doc["name"].startswith("LOAN-") and doc["items"][0]["title"] == "Emma"
    submitted = clerk.call(
        "frappe.desk.form.save.savedocs", "post", doc=json.dumps(doc), action="Submit"
    ).json()
    assert submitted["docs"][0]["docstatus"] == 1
    stale = clerk.call("frappe.desk.form.save.savedocs", "post", doc=json.dumps(doc), action="Update")
    assert stale.status_code == 417 and stale.json()["exc_type"] == "TimestampMismatchError"
    cancelled = clerk.call("frappe.desk.form.save.cancel", "post", doctype="Lending Loan", name=doc["name"])
    assert cancelled.status_code == 200 and cancelled.json()["docs"][0]["docstatus"] == 2


def test_a_form_loads_its_document_with_what_is_around_it(clerk):
    loan = _lend(clerk)
    answer = clerk.call("frappe.desk.form.load.getdoc", doctype="Lending Loan", name=loan["name"]).json()
    assert answer["docs"][0]["name"] == loan["name"]
    assert {"attachments", "comments", "versions", "assignments", "permissions", "shared"} <= set(
        answer["docinfo"]
    )
    assert answer["docinfo"]["permissions"]["submit"] == 1
    meta = clerk.call("frappe.desk.form.load.getdoctype", doctype="Lending Loan", with_parent=1).json()[
        "docs"
    ]
    assert [entry["name"] for entry in meta][:2] == ["Lending Loan", "Lending Loan Line"]
    clerk.call("frappe.client.delete", "post", doctype="Lending Loan", name=loan["name"])
    gone = clerk.call("frappe.desk.form.load.getdoc", doctype="Lending Loan", name=loan["name"])
    assert gone.status_code == 200 and not gone.json().get("docs")


def test_lists_and_counts_follow_rights(clerk, browser):
    mine, others = _lend(clerk), _lend(clerk, "R2")
    asked = {
        "doctype": "Lending Loan",
        "fields": '["name","member"]',
        "filters": "[]",
        "order_by": "name asc",
        "start": 0,
        "page_length": 20,
    }
    table = clerk.call("frappe.desk.reportview.get", "post", **asked).json()["message"]
    assert table["keys"] == ["name", "member"] and [mine["name"], "R1"] in table["values"]
    total = clerk.call("frappe.client.get_count", doctype="Lending Loan").json()["message"]
    assert total >= 2
    clerk.call("logout", "post")
    clerk.http.headers.pop("X-Frappe-CSRF-Token")
    clerk.sign_in(READER)
    rows = clerk.get("/api/resource/Lending Loan?limit_page_length=0").json()["data"]
    assert mine["name"] in [row["name"] for row in rows] and others["name"] not in [
        row["name"] for row in rows
    ]
    assert clerk.get(f"/api/resource/Lending Loan/{others['name']}").status_code == 403
    assert clerk.get("/api/resource/Lending Loan/NO-SUCH").status_code == 404
    assert clerk.get("/api/resource/Lending Settings/Lending Settings").status_code == 403


def test_records_are_changed_and_deleted_over_rest(clerk):
    made = clerk.post("/api/resource/Lending Suggestion", json={"title": "Romola"}).json()["data"]
    url = f"/api/resource/Lending Suggestion/{made['name']}"
    changed = clerk.http.put(clerk.base + url, json={"status": "Bought"})
    assert changed.json()["data"]["status"] == "Bought"
    wrong = clerk.http.put(clerk.base + url, json={"status": "Burnt"})
    assert wrong.status_code == 417 and wrong.json()["exc_type"] == "ValidationError"
    assert clerk.http.delete(clerk.base + url).status_code == 202
    assert clerk.http.delete(clerk.base + url).status_code == 404


def test_methods_of_documents_are_called_over_rest(clerk):
    url = f"/api/resource/Lending Item/{_name(clerk, 'Emma')}"
    assert clerk.get(f"{url}?run_method=reserve&copies=1").json() == {"data": 2}
    assert clerk.post(url, json={"run_method": "reserve", "copies": 2}).json() == {"data": 1}
    assert clerk.post(url, json={"run_method": "get_context"}).status_code == 403
    assert clerk.post(url, json={"run_method": "no_such"}).status_code == 404
    refused = clerk.post(url, json={"run_method": "reserve", "copies": 9})
    assert refused.status_code == 417 and "only 3 copies" in refused.text


def test_a_tree_is_opened_branch_by_branch_and_grows(clerk):
    root = clerk.call(
        "frappe.desk.treeview.get_children", doctype="Lending Shelf", parent="", is_root="true"
    ).json()["message"]
    assert [(row["value"], row["expandable"]) for row in root] == [("All", 1)]
    branch = clerk.call("frappe.desk.treeview.get_children", doctype="Lending Shelf", parent="All").json()[
        "message"
    ]
    assert {"Fiction", "Science"} <= {row["value"] for row in branch}
    made = clerk.call(
        "frappe.desk.treeview.add_node",
        "post",
        doctype="Lending Shelf",
        parent="All",
        is_root="false",
        parent_lending_shelf="All",
        shelf_name="Maps",
        is_group="0",
    )
    assert made.status_code == 200, made.text
    branch = clerk.call("frappe.desk.treeview.get_children", doctype="Lending Shelf", parent="All").json()[
        "message"
    ]
    assert "Maps" in {row["value"] for row in branch}
    assert clerk.call("frappe.client.delete", "post", doctype="Lending Shelf", name="Maps").status_code == 200


def test_a_virtual_doctype_has_a_list_and_a_count(clerk):
    loan = _lend(clerk)
    clerk.http.put(
        f"{clerk.base}/api/resource/Lending Loan/{loan['name']}",
        json={"lent_on": "2025-03-01", "due_on": "2025-03-15", "docstatus": 1},
    )
    rows = clerk.get('/api/resource/Lending Overdue?fields=["name","member","days"]').json()["data"]
    assert loan["name"] in [row["name"] for row in rows]
    one = clerk.get(f"/api/resource/Lending Overdue/{loan['name']}").json()["data"]
    assert one["member"] == "R1" and one["days"] > 300
    refused = clerk.post("/api/resource/Lending Overdue", json={"member": "R1"})
    assert refused.status_code in (403, 417)


def test_reports_run_and_are_exported(clerk):
    ran = clerk.call(
        "frappe.desk.query_report.run", report_name="Lending Loans by Member", filters="{}"
    ).json()["message"]
    assert [column["fieldname"] for column in ran["columns"]] == ["member", "loans", "fine"]
    script = clerk.call("frappe.desk.query_report.get_script", report_name="Lending Loans by Member")
    assert script.status_code == 200
    exported = clerk.call(
        "frappe.desk.query_report.export_query", "post", report_name="Lending Items by Shelf", file_format_type="CSV", filters='{"shelf": "%"}',
        visible_idx="[0, 1]", csv_delimiter=",", csv_quoting=2,
    )  # fmt: skip
    assert exported.status_code == 200 and "Fiction" in exported.text


def test_a_loan_is_printed_as_a_page(clerk):
    loan = _lend(clerk)
    page = clerk.get(
        f"/printview?doctype=Lending Loan&name={loan['name']}&format=Lending Slip&no_letterhead=1"
    )
    assert page.status_code == 200 and "Borrowed by R1" in page.text
    clerk.call("logout", "post")
    clerk.http.headers.pop("X-Frappe-CSRF-Token")
    clerk.sign_in(OTHER)
    assert clerk.get(f"/printview?doctype=Lending Loan&name={loan['name']}").status_code == 403


def test_the_workspace_of_the_app_is_in_the_sidebar(clerk):
    pages = clerk.call("frappe.desk.desktop.get_workspace_sidebar_items").json()["message"]["pages"]
    assert "Lendery" in [page["title"] for page in pages]
    page = clerk.call(
        "frappe.desk.desktop.get_desktop_page",
        "post",
        page=json.dumps({"name": "Lendery", "title": "Lendery", "public": 1}),
    ).json()["message"]
    cards = page["cards"]["items"]
    assert [link["label"] for link in cards[0]["links"]] == ["Loans", "Items"]
    assert [entry["label"] for entry in page["shortcuts"]["items"]] == ["Loans"]


def test_a_booking_is_granted_over_http(clerk, bench):
    clerk.call("logout", "post")
    clerk.http.headers.pop("X-Frappe-CSRF-Token")
    clerk.sign_in(READER)
    token = clerk.call("lendery.api.csrf_token").json()["message"]
    clerk.http.headers["X-Frappe-CSRF-Token"] = token
    bench.execute("frappe.client.insert", doc={"doctype": "Booking Room", "room_name": f"Cellar {token[:6]}"})
    made = clerk.post(
        "/api/resource/Room Booking", json={"room": f"Cellar {token[:6]}", "on_day": "2025-05-05"}
    )
    assert made.status_code == 200 and made.json()["data"]["workflow_state"] == "Room Asked"
    doc = made.json()["data"]
    refused = clerk.call(
        "frappe.model.workflow.apply_workflow", "post", doc=json.dumps(doc), action="Grant Room"
    )
    assert refused.status_code == 417
    again = clerk.post(
        "/api/resource/Room Booking", json={"room": f"Cellar {token[:6]}", "on_day": "2025-05-05"}
    )
    assert again.status_code == 409 and again.json()["exc_type"] == "DuplicateEntryError"
