"""How many statements a warm request costs. An app's hook tells the number that the whole request has made."""

from __future__ import annotations

import json

import pytest

DOCTYPE, ROW, PLACE = "Budget Visit", "Budget Visit Row", "Budget Place"
WARM = 12
#: What a list may cost, and what a form may cost with its metadata.
LIST, FORM = 2, 6


def statements(client, address: str) -> int:
    """Of the cheapest of some requests: each of the server's threads learns metadata and rights once."""
    counts = []
    for _ in range(WARM):
        answer = client.get(address)
        assert answer.status_code == 200, answer.text
        counts.append(int(answer.headers["X-Statements"]))
    return min(counts)


def make(client, doctype: str, **values) -> str:
    answer = client.post(f"/api/resource/{doctype}", json=values)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["name"]


@pytest.fixture(scope="module")
def visit(server) -> str:
    """A document with rows, a link that shows a title, and all that may stand beside it."""
    from runtime.tests.http.conftest import Client

    admin = Client(server.url)
    assert admin.sign_in("Administrator").status_code == 200
    rule = {"role": "Parcel Clerk", "read": 1, "write": 1, "create": 1, "share": 1}
    common = {"module": "Core", "custom": 1, "permissions": [rule]}
    data = {"fieldname": "title", "fieldtype": "Data", "label": "Title"}
    make(admin, "DocType", name=ROW, module="Core", custom=1, istable=1, fields=[data])
    make(admin, "DocType", name=PLACE, **common, autoname="field:title", title_field="title",
         show_title_field_in_link=1, fields=[data])  # fmt: skip
    link = {"fieldname": "place", "fieldtype": "Link", "options": PLACE, "label": "Place"}
    table = {"fieldname": "rows", "fieldtype": "Table", "options": ROW, "label": "Rows"}
    make(
        admin,
        "DocType",
        name=DOCTYPE,
        **common,
        autoname="hash",
        track_changes=1,
        track_seen=1,
        fields=[data, link, table],
    )
    place = make(admin, PLACE, title="Ward 1")
    name = make(admin, DOCTYPE, title="first", place=place, rows=[{"title": "a"}, {"title": "b"}])
    assert admin.put(f"/api/resource/{DOCTYPE}/{name}", json={"title": "second"}).ok
    around = {"reference_doctype": DOCTYPE, "reference_name": name}
    for method, values in (
        ("frappe.desk.form.utils.add_comment",
         {**around, "content": "seen", "comment_email": "clerk@example.com", "comment_by": "Clerk"}),
        ("frappe.desk.form.assign_to.add",
         {"doctype": DOCTYPE, "name": name, "assign_to": json.dumps(["clerk@example.com"]), "description": "look"}),
        ("frappe.share.add", {"doctype": DOCTYPE, "name": name, "user": "reader@example.com"}),
        ("upload_file", None),
    ):  # fmt: skip
        sent = {"json": values} if values else {"data": {"doctype": DOCTYPE, "docname": name, "is_private": 1},
                                                "files": {"file": ("note.txt", b"a note")}}  # fmt: skip
        answer = admin.post(f"/api/method/{method}", **sent)
        assert answer.ok, answer.text
    return name


def test_a_ping_asks_nothing(guest):
    # The hook that tells the number is not even reached: there is neither a session nor a connection.
    assert "X-Statements" not in guest.get("/api/method/ping").headers


@pytest.mark.parametrize("way", ["cookie", "token"])
@pytest.mark.parametrize("door", ["resource/Parcel", "method/frappe.client.get_list?doctype=Parcel",
                                  "method/frappe.desk.reportview.get?doctype=Parcel&fields=[\"name\",\"_comments\"]"])  # fmt: skip
def test_a_list_is_who_asks_and_the_rows(clerk, reader, way, door):
    assert statements(clerk if way == "cookie" else reader, f"/api/{door}") <= LIST


def test_a_form_is_read_with_its_surroundings(clerk, visit):
    ours = statements(clerk, f"/api/method/frappe.desk.form.load.getdoc?doctype={DOCTYPE}&name={visit}")
    metadata = statements(
        clerk, f"/api/method/frappe.desk.form.load.getdoctype?doctype={DOCTYPE}&with_parent=1"
    )
    assert ours <= FORM and metadata <= LIST, (ours, metadata)


def test_the_surroundings_are_all_there(clerk, visit):
    body = clerk.get(f"/api/method/frappe.desk.form.load.getdoc?doctype={DOCTYPE}&name={visit}").json()
    info = body["docinfo"]
    assert [row["content"] for row in info["comments"]] == ["seen"]
    assert [row["file_name"][-4:] for row in info["attachments"]] == [".txt"]
    assert [row["is_private"] for row in info["attachments"]] == [1]
    assert [json.loads(row["data"])["changed"] for row in info["versions"]] == [
        [["title", "first", "second"]]
    ]
    assert [row["owner"] for row in info["assignments"]] == ["clerk@example.com"]
    assert ("reader@example.com", 1) in {(row["user"], row["read"]) for row in info["shared"]}
    assert info["user_info"]["Administrator"] == {"fullname": "Administrator", "name": "Administrator"}
    assert body["_link_titles"] == {f"{PLACE}::Ward 1": "Ward 1"}
    assert [row["title"] for row in body["docs"][0]["rows"]] == ["a", "b"]


def test_a_change_is_seen_by_the_next_request_of_every_process(admin, clerk, visit):
    """What the fewer statements must not cost: settings, rights and metadata are as old as nobody's request."""
    address = f"/api/resource/{DOCTYPE}"
    for _ in range(WARM):
        assert clerk.get(address).status_code == 200
    rule = f"/api/resource/DocType/{DOCTYPE}"
    permissions = admin.get(rule).json()["data"]["permissions"]
    for language in ("zh", "en"):
        assert admin.put("/api/resource/System Settings/System Settings", json={"language": language}).ok
        answers = {clerk.get("/api/method/parcel.api.language").json()["message"] for _ in range(WARM)}
        assert answers == {language}
    assert admin.put(rule, json={"permissions": [{**permissions[0], "role": "System Manager"}]}).ok
    try:
        assert {clerk.get(address).status_code for _ in range(WARM)} == {403}
    finally:
        assert admin.put(rule, json={"permissions": permissions}).ok
    assert {clerk.get(address).status_code for _ in range(WARM)} == {200}
