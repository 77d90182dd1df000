"""Answers that every caller relies on."""

import pytest


def test_ping_needs_no_statement_and_no_session(guest):
    answer = guest.get("/api/method/ping")
    assert answer.json() == {"message": "pong"}
    assert "Set-Cookie" not in answer.headers
    assert "X-Statements" not in answer.headers


def test_lists_have_20_rows_unless_told_otherwise(clerk):
    assert len(clerk.get("/api/resource/Parcel").json()["data"]) == 20
    assert len(clerk.get("/api/resource/Parcel?limit_page_length=5").json()["data"]) == 5
    assert len(clerk.get("/api/resource/Parcel?limit=3").json()["data"]) == 3


def test_lists_take_fields_filters_order_and_start(clerk):
    answer = clerk.get(
        '/api/resource/Parcel?fields=["name","weight"]&filters=[["weight",">",30]]&order_by=weight asc&limit_start=2&limit=2'
    )
    assert answer.json()["data"] == [
        {"name": "Parcel 33", "weight": 33.0},
        {"name": "Parcel 34", "weight": 34.0},
    ]
    rows = clerk.get(
        '/api/resource/Parcel?fields=["name"]&as_dict=0&or_filters={"name":"Parcel 01","weight":2}'
    )
    assert sorted(rows.json()["data"]) == [["Parcel 01"], ["Parcel 02"]]


def test_a_document_is_made_read_changed_and_deleted(clerk):
    made = clerk.post("/api/resource/Parcel", json={"title": "Rest", "weight": 7})
    assert made.status_code == 200 and made.json()["data"]["status"] == "Open"
    assert clerk.get("/api/resource/Parcel/Rest").json()["data"]["weight"] == 7.0
    changed = clerk.put("/api/resource/Parcel/Rest", json={"weight": 8})
    assert changed.json()["data"]["weight"] == 8.0
    gone = clerk.delete("/api/resource/Parcel/Rest")
    assert gone.status_code == 202 and gone.json()["data"] == "ok"
    assert clerk.get("/api/resource/Parcel/Rest").status_code == 404


def test_documents_can_be_sent_as_a_form(clerk):
    answer = clerk.post("/api/resource/Parcel", data={"data": '{"title": "By form"}'})
    assert answer.json()["data"]["name"] == "By form"
    assert clerk.delete("/api/resource/Parcel/By form").status_code == 202


def test_a_document_s_whitelisted_method_runs_and_no_other(clerk):
    answer = clerk.post("/api/resource/Parcel/Parcel 05", json={"run_method": "weigh", "factor": "2"})
    assert answer.json()["data"] == 10.0
    by_handler = clerk.post(
        "/api/method/run_doc_method",
        json={"dt": "Parcel", "dn": "Parcel 05", "method": "weigh", "args": {"factor": 3}},
    )
    assert by_handler.json()["message"] == 15.0
    for method in ("hidden", "delete", "db_set", "_save", "nothing"):
        refused = clerk.post("/api/resource/Parcel/Parcel 05", json={"run_method": method})
        assert refused.status_code in {403, 404, 417}, method


def test_version_2_says_data_and_errors(clerk):
    answer = clerk.get("/api/v2/document/Parcel?limit=5").json()
    assert len(answer["data"]) == 5 and answer["has_next_page"] is True
    assert clerk.get("/api/v2/doctype/Parcel/count").json()["data"] == 40
    missing = clerk.get("/api/v2/document/Parcel/None such/")
    assert missing.status_code == 404 and missing.json()["errors"][0]["type"] == "DoesNotExistError"


def test_methods_convert_and_check_their_arguments(guest):
    assert guest.get("/api/method/parcel.api.add?a=2&b=3").json() == {"message": 5}
    for query in ("a=two", "", "b=1"):
        answer = guest.get(f"/api/method/parcel.api.add?{query}")
        assert answer.status_code == 417, query


def test_an_app_may_replace_a_method(guest):
    assert guest.get("/api/method/parcel.api.original").json()["message"] == "replacement"


@pytest.mark.parametrize(
    "path",
    [
        "parcel.api.not_whitelisted",
        "os.system",
        "frappe.db.sql",
        "parcel.api.frappe.get_doc",
        "parcel.api.none",
        "x",
        "..",
        "frappe",
    ],
)
def test_what_is_not_whitelisted_does_not_run(clerk, path):
    assert clerk.get(f"/api/method/{path}").status_code in {403, 404, 417}


def test_methods_say_which_http_methods_they_take(clerk):
    assert clerk.get("/api/method/parcel.api.only_post").status_code == 403
    assert clerk.post("/api/method/parcel.api.only_post").json() == {"message": "posted"}


def test_a_failed_request_changes_nothing(clerk):
    answer = clerk.post("/api/method/parcel.api.write_then_fail", json={"title": "Half"})
    assert answer.status_code == 417 and "Stopped on purpose" in answer.text
    assert clerk.get("/api/resource/Parcel/Half").status_code == 404


def test_a_reading_request_changes_nothing(clerk):
    assert clerk.get("/api/method/parcel.api.write_on_get?title=Sneaked").status_code == 200
    assert clerk.get("/api/resource/Parcel/Sneaked").status_code == 404


def test_hooks_see_the_answer(clerk, guest):
    assert clerk.get("/api/resource/Parcel").headers["X-Parcel"] == "clerk@example.com"
    assert guest.get("/api/method/parcel.api.add?a=1").headers["X-Parcel"] == "Guest"
