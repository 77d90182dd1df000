"""Garbage through the socket: never an internal error, never a row that the caller may not see.

The last module of this folder by its name: what it writes stays in the shared site.
"""

from __future__ import annotations

import json
import time
from urllib.parse import quote

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from runtime.tests.http.conftest import Client

SECRET = "zq-only-for-managers-7731"
DOCTYPES = [
    "Parcel",
    "User",
    "Role",
    "DocType",
    "File",
    "Error Log",
    "System Settings",
    "Has Role",
    "Nope",
    "",
]
PARAMETERS = ["doctype", "name", "fields", "filters", "or_filters", "order_by", "group_by", "limit", "limit_start", "start", "page_length",
              "limit_page_length", "as_list", "debug", "fieldname", "value", "doc", "docs", "txt", "searchfield", "query", "action", "parent",
              "report_name", "file_format_type", "cmd", "run", "ignore_permissions", "distinct", "with_comment_count", "user", "args"]  # fmt: skip
METHODS = ["frappe.client.get", "frappe.client.get_list", "frappe.client.get_count", "frappe.client.get_value", "frappe.client.get_single_value",
           "frappe.client.set_value", "frappe.client.insert", "frappe.client.insert_many", "frappe.client.save", "frappe.client.rename_doc",
           "frappe.client.submit", "frappe.client.cancel", "frappe.client.delete", "frappe.client.bulk_update", "frappe.client.has_permission",
           "frappe.client.validate_link", "frappe.desk.search.search_link", "frappe.desk.search.search_widget", "frappe.desk.reportview.get",
           "frappe.desk.reportview.get_list", "frappe.desk.reportview.get_count", "frappe.desk.reportview.export_query",
           "frappe.desk.reportview.delete_items", "frappe.desk.query_report.run", "frappe.desk.form.load.getdoc",
           "frappe.desk.form.load.getdoctype", "frappe.desk.form.save.savedocs", "frappe.desk.form.save.cancel",
           "frappe.desk.form.assign_to.add", "frappe.desk.form.assign_to.remove", "frappe.desk.form.utils.add_comment",
           "frappe.desk.form.linked_with.get", "frappe.model.workflow.get_transitions", "frappe.model.workflow.apply_workflow",
           "frappe.model.mapper.make_mapped_doc", "frappe.core.doctype.user.user.update_password", "frappe.utils.print_format.download_pdf",
           "frappe.sessions.get_sessions", "frappe.realtime.get_progress", "run_doc_method", "upload_file", "logout.x", "frappe.db.sql",
           "frappe.get_all", "os.system", "parcel.api.add", "parcel.api.not_whitelisted", "a.b"]  # fmt: skip

texts = st.text(max_size=12) | st.sampled_from(
    ["Parcel 01", "Administrator", "name", "price", "title", "*", "'", "`", "%", "\\", "\0", "../..", "[]", "{}", "null", "1e999", "-1", "count(name)",
     "9" * 30, "name desc", "tabUser.name", "owner.api_key", "receiver.api_key", "{{7*7}}", "2026-13-45", "=", "like", "in", "between"]
)  # fmt: skip
scalars = (
    texts | st.none() | st.booleans() | st.integers() | st.integers(-(2**70), 2**70) | st.floats() | st.sampled_from(DOCTYPES)
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            texts | st.sampled_from([*PARAMETERS, "title", "weight", "receiver"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)
arguments = st.dictionaries(st.sampled_from(PARAMETERS), values, max_size=5)
named = st.fixed_dictionaries({"doctype": st.sampled_from(DOCTYPES)})
documents = st.dictionaries(st.sampled_from(["title", "weight", "status", "price", "receiver", "photo", "name", "docstatus", "owner", "idx",
                                             "creation", "modified", "parent", "lines", "doctype", "__islocal", "_user_tags", "flags", "save", "meta"]), values, max_size=5)  # fmt: skip
fuzzed = settings(
    max_examples=150, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture(scope="module")
def stranger(server) -> Client:
    """Somebody who may read parcels without their price."""
    admin = Client(server.url)
    admin.sign_in("Administrator")
    for _ in range(3):
        admin.post("/api/resource/Error Log", json={"method": SECRET, "error": SECRET})
    client = Client(server.url)
    client.headers["Authorization"] = "token key-reader:secret-9d1"
    return client


def check(answer: requests.Response) -> None:
    """What holds for every answer."""
    assert answer.status_code < 500, (answer.status_code, answer.text[:3000])
    assert SECRET not in answer.text and "secret-9d1" not in answer.text and "key-clerk" not in answer.text
    assert "Traceback (most recent" not in answer.text


def plain(entry: object) -> str:
    """An argument as a query string carries it."""
    return entry if isinstance(entry, str) else json.dumps(entry)


@fuzzed
@given(doctype=st.sampled_from(DOCTYPES), given_=arguments)
def test_lists(stranger, doctype, given_):
    query = {key: plain(value) for key, value in given_.items()}
    check(stranger.get(f"/api/resource/{quote(doctype, safe='')}", params=query))


@fuzzed
@given(doctype=st.sampled_from(DOCTYPES), name=texts)
def test_documents(stranger, doctype, name):
    check(stranger.get(f"/api/resource/{quote(doctype, safe='')}/{quote(name, safe='')}"))


@fuzzed
@given(method=st.sampled_from(METHODS), given_=arguments, more=named)
def test_methods_that_are_read(stranger, method, given_, more):
    query = {key: plain(value) for key, value in {**more, **given_}.items()}
    check(stranger.get(f"/api/method/{method}", params=query))


@fuzzed
@given(method=st.sampled_from(METHODS), given_=arguments, more=named)
def test_methods_that_are_posted(stranger, method, given_, more):
    check(
        stranger.post(
            f"/api/method/{method}",
            data=json.dumps({**more, **given_}),
            headers={"Content-Type": "application/json"},
        )
    )


@fuzzed
@given(body=documents)
def test_new_documents(fuzzing_clerk, body):
    check(
        fuzzing_clerk.post(
            "/api/resource/Parcel", data=json.dumps(body), headers={"Content-Type": "application/json"}
        )
    )


@fuzzed
@given(body=documents)
def test_changed_documents(fuzzing_clerk, body):
    check(
        fuzzing_clerk.put(
            "/api/resource/Parcel/Parcel 33",
            data=json.dumps(body),
            headers={"Content-Type": "application/json"},
        )
    )


@pytest.fixture(scope="module")
def fuzzing_clerk(server) -> Client:
    """Somebody who may write parcels, with his own tidying up."""
    client = Client(server.url)
    client.sign_in("clerk@example.com")
    return client


@fuzzed
@given(
    path=st.lists(texts, max_size=4),
    verb=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"]),
)
def test_paths(stranger, path, verb):
    where = "/" + "/".join(quote(part, safe="") for part in path)
    check(stranger.request(verb, where))


def test_the_server_is_still_well(stranger, server):
    started = time.monotonic()
    assert stranger.get("/api/resource/Parcel").status_code == 200
    assert time.monotonic() - started < 10
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("method/frappe.automation.doctype.assignment_rule.assignment_rule.bulk_apply", {"doctype": "Parcel", "docnames": "0"}),
        ("method/frappe.automation.doctype.assignment_rule.assignment_rule.bulk_apply", {"doctype": "Parcel", "docnames": "null"}),
        ("method/frappe.core.doctype.deleted_document.deleted_document.bulk_restore", {"docnames": "1"}),
        ("resource/DocType", {"name": 1, "module": "Core", "custom": 1}),
        ("resource/User", {"email": {"content": "x"}, "first_name": "X"}),
        ("method/frappe.desk.doctype.tag.tag.remove_tag", {"tag": "x", "dt": "Parcel", "dn": 1}),
        ("resource/Comment", {"comment_type": "Info", "content": "x", "owner": [{"item": "x"}]}),
        ("resource/User", {"email": "x@host.test", "first_name": "X", "new_password": True}),
        ("method/frappe.core.doctype.user.user.user_query", {
            "doctype": "Parcel", "txt": "x", "searchfield": "name", "start": 0, "page_len": 5, "filters": [["Parcel", "title", "like", "%c%"]],
        }),
    ],
)  # fmt: skip
def test_what_long_runs_of_generated_requests_found(admin, reader, address, sent):
    """Refused in words or taken for what it can mean, whoever asks."""
    for client in (admin, reader):
        answer = client.post(f"/api/{address}", json=sent)
        assert answer.status_code < 500, answer.text


def test_a_single_record_has_no_other_document_beside_it(admin):
    """Found by generated requests, too."""
    sent = {"doctype": "System Settings", "doc_name": "another", "user": "Administrator"}
    answer = admin.post("/api/method/frappe.desk.form.document_follow.follow_document", json=sent)
    assert answer.status_code < 500, answer.text
