"""Rows and fields: every door shows a person the same, and nothing more. One table of doors, six people, two levels."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import pytest

from runtime.tests.security.canaries import FORBIDDEN, LEVEL, ROW

VISIT = "Test Visit"
FIELDS = json.dumps(["name", "subject", "id_no"])
CHILD_FIELDS = json.dumps(
    ["name", "subject", "`tabTest Visit Line`.`item`", "`tabTest Visit Line`.`secret_note`"]
)
METHOD = "/api/method/"
#: Doors to many rows: path by method, and its arguments. `{name}` is one of the manager's rows.
ROW_DOORS = {
    "REST list": ("GET", f"/api/resource/{quote(VISIT)}", {"fields": FIELDS}),
    "REST list of all fields": ("GET", f"/api/resource/{quote(VISIT)}", {"fields": '["*"]'}),
    "REST v2 list": ("GET", f"/api/v2/document/{quote(VISIT)}", {"fields": FIELDS}),
    "client list": ("GET", METHOD + "frappe.client.get_list", {"doctype": VISIT, "fields": FIELDS}),
    "client value": ("GET", METHOD + "frappe.client.get_value", {"doctype": VISIT, "fieldname": '["subject", "id_no"]', "filters": '{"subject": ["like", "canary%"]}'}),
    "report view": ("POST", METHOD + "frappe.desk.reportview.get", {"doctype": VISIT, "fields": FIELDS}),
    "report view of rows": ("POST", METHOD + "frappe.desk.reportview.get", {"doctype": VISIT, "fields": CHILD_FIELDS}),
    "export": ("POST", METHOD + "frappe.desk.reportview.export_query", {"doctype": VISIT, "fields": FIELDS, "file_format_type": "CSV"}),
    "link search": ("POST", METHOD + "frappe.desk.search.search_link", {"doctype": VISIT, "txt": "canary", "searchfield": "subject"}),
    "link search by a hidden field": ("POST", METHOD + "frappe.desk.search.search_link", {"doctype": VISIT, "txt": "canary-level", "searchfield": "id_no"}),
    "values of a column": ("POST", METHOD + "frappe.desk.reportview.get_stats", {"doctype": VISIT, "stats": '["subject", "id_no"]'}),
    "chart": ("POST", METHOD + "frappe.desk.doctype.dashboard_chart.dashboard_chart.get", {"chart": json.dumps({"chart_type": "Group By", "document_type": VISIT,
              "group_by_type": "Count", "group_by_based_on": "id_no", "filters_json": "[]", "name": "x"}), "no_cache": 1}),
    "template of an import": ("POST", METHOD + "frappe.core.doctype.data_import.data_import.download_template", {"doctype": VISIT, "export_records": "all",
                              "file_type": "CSV", "export_fields": json.dumps({VISIT: ["name", "subject", "id_no"], "lines": ["item", "secret_note"]})}),
}  # fmt: skip
#: Doors to one row.
DOCUMENT_DOORS = {
    "REST": ("GET", f"/api/resource/{quote(VISIT)}/{{name}}", {}),
    "REST v2": ("GET", f"/api/v2/document/{quote(VISIT)}/{{name}}/", {}),
    "client": ("GET", METHOD + "frappe.client.get", {"doctype": VISIT, "name": "{name}"}),
    "form": ("GET", METHOD + "frappe.desk.form.load.getdoc", {"doctype": VISIT, "name": "{name}"}),
    "form's surroundings": ("GET", METHOD + "frappe.desk.form.load.get_docinfo", {"doctype": VISIT, "name": "{name}"}),
    "print": ("GET", "/printview", {"doctype": VISIT, "name": "{name}"}),
    "preview": ("POST", METHOD + "frappe.www.printview.get_html_and_style", {"doc": VISIT, "name": "{name}"}),
    "link": ("GET", METHOD + "frappe.client.validate_link", {"doctype": VISIT, "docname": "{name}", "fields": '["subject", "id_no"]'}),
    "method of a document": ("POST", METHOD + "run_doc_method", {"dt": VISIT, "dn": "{name}", "method": "as_dict"}),
    "title": ("GET", METHOD + "frappe.desk.search.get_link_title", {"doctype": VISIT, "docname": "{name}"}),
    "change": ("PUT", f"/api/resource/{quote(VISIT)}/{{name}}", {"score": 2}),
}  # fmt: skip
#: Doors whose answers hold no field of the row, even for who may read it.
SHOW_NO_FIELD = {
    "method of a document",
    "link search by a hidden field",
    "form's surroundings",
    "chart",
    "title",
}
PEOPLE = [user for user in FORBIDDEN if user != "system@host.test"]


def through(send, grounds, door, user) -> str:
    """What a door answers."""
    verb, path, arguments = door
    name = grounds["names"][VISIT][1]
    path = path.replace("{name}", name)
    arguments = {key: name if value == "{name}" else value for key, value in arguments.items()}
    if verb == "GET":
        status, text = send(user, verb, f"{path}?{urlencode(arguments)}")
    else:
        status, text = send(user, verb, path, json=arguments)
    assert status < 500, text[-1500:]
    return text


@pytest.mark.parametrize("user", PEOPLE)
@pytest.mark.parametrize("door", [*ROW_DOORS, *DOCUMENT_DOORS])
def test_no_door_shows_what_another_hides(send, grounds, door, user):
    text = through(send, grounds, (ROW_DOORS | DOCUMENT_DOORS)[door], user)
    assert [canary for canary in FORBIDDEN[user] if canary in text] == []


@pytest.mark.parametrize("door", [door for door in ROW_DOORS | DOCUMENT_DOORS if door not in SHOW_NO_FIELD])
def test_who_may_see_does_see(send, grounds, door):
    text = through(send, grounds, (ROW_DOORS | DOCUMENT_DOORS)[door], "manager@host.test")
    assert ROW in text or LEVEL in text, text[-1500:]


@pytest.mark.parametrize("user", PEOPLE)
def test_counts_are_of_the_rows_that_are_shown(send, user):
    def number(method: str, **arguments):
        status, text = send(user, "POST", METHOD + method, json=arguments)
        found = json.loads(text[text.index('{"') :]).get("message") if status == 200 else None
        return None if found is None else int(found)

    status, text = send(user, "GET", f"/api/resource/{quote(VISIT)}?limit_page_length=0")
    rows = len(json.loads(text[text.index('{"') :])["data"]) if status == 200 else 0
    card = json.dumps({"document_type": VISIT, "function": "Count"})
    counts = {number("frappe.client.get_count", doctype=VISIT), number("frappe.desk.reportview.get_count", doctype=VISIT),
              number("frappe.desk.doctype.number_card.number_card.get_result", doc=card, filters="[]")}  # fmt: skip
    assert counts - {None} <= {rows}


@pytest.mark.parametrize("user", ["Guest", "nobody@host.test", "own@host.test"])
def test_private_files_go_with_their_document(send, grounds, user):
    address = grounds["names"]["file_url"][0]
    assert send(user, "GET", address)[0] in {302, 403, 404}
    status, text = send("manager@host.test", "GET", address)
    assert status == 200 and ROW in text


FILTERS = {
    "a field of a higher level": [["id_no", "like", "canary-level%"]],
    "a row's field of a higher level": [["Test Visit Line", "secret_note", "like", "canary%"]],
    "a secret of the owner": [["User", "api_key", "like", "key%"]],
    "a linked document's secret": {"owner.api_key": ["like", "key%"]},
}


@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS)
@pytest.mark.parametrize("path", ["frappe.client.get_list", "frappe.client.get_count", "frappe.desk.reportview.get", "frappe.desk.reportview.get_count"])  # fmt: skip
def test_what_cannot_be_read_cannot_be_asked_for(send, filters, path):
    """A filter on a hidden value would tell the value by what it finds."""
    form = {"doctype": VISIT, "filters": filters, "fields": ["name"]}
    assert send("clerk@host.test", "POST", METHOD + path, json=form)[0] in {403, 417}


@pytest.mark.parametrize("argument", ["order_by", "group_by"])
@pytest.mark.parametrize("value", ["id_no", "id_no desc", "(select password from __Auth)", "name; drop table x", "sleep(5)", "1,(select 1)", "owner.api_key"])  # fmt: skip
def test_order_and_groups_are_of_readable_columns(send, argument, value):
    form = {"doctype": VISIT, "fields": '["name"]', argument: value}
    status, text = send("clerk@host.test", "POST", METHOD + "frappe.desk.reportview.get", json=form)
    assert status in {403, 417} or value.startswith("id_no"), text[-300:]
    plain = send(
        "clerk@host.test",
        "POST",
        METHOD + "frappe.desk.reportview.get",
        json={"doctype": VISIT, "fields": '["name"]'},
    )
    assert (
        status != 200
        or argument == "group_by"
        or text[text.index('{"') :] == plain[1][plain[1].index('{"') :]
    )


@pytest.mark.parametrize("trick", [{"__islocal": 1}, {"__islocal": 1, "score": 3}, {"__unsaved": 1}])
def test_a_change_makes_no_copy_of_a_hidden_row(send, grounds, trick):
    """Somebody who may make rows but not read this one sends it as if it were new."""
    name = grounds["names"][VISIT][1]
    status, text = send("own@host.test", "PUT", f"/api/resource/{quote(VISIT)}/{name}", json=trick)
    assert status == 403 and ROW not in text
    fields = {"doctype": VISIT, "name": name, "fieldname": trick}
    status, text = send("own@host.test", "POST", METHOD + "frappe.client.set_value", json=fields)
    assert status in {403, 417} and ROW not in text


def test_a_changed_row_is_answered_without_its_hidden_fields(send, grounds):
    fields = {"doctype": VISIT, "name": grounds["names"][VISIT][1], "fieldname": "score", "value": 4}
    status, text = send("clerk@host.test", "POST", METHOD + "frappe.client.set_value", json=fields)
    assert status == 200 and LEVEL not in text
