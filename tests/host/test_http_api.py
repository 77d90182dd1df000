"""The web API over real HTTP: shapes of answers, statuses of errors."""

from __future__ import annotations

import json

import frappe
import pytest
from host.kit import ALL_RIGHTS, CHIEF, CLERK, PASSWORD, email, field, rule

BOOK, PAGE = "Host Book", "Host Book Page"


@pytest.fixture(scope="module")
def made(make_doctype):
    make_doctype(PAGE, [field("text", in_list_view=1), field("number", "Int")], [], istable=1)
    make_doctype(
        BOOK, [field("title", reqd=1, in_list_view=1), field("pages_count", "Int"), field("price", "Currency", permlevel=1), field("kind", "Select", options="A\nB"), field("pages", "Table", options=PAGE)],
        [rule(CLERK, *ALL_RIGHTS), rule(CHIEF, *ALL_RIGHTS, "submit", "cancel"), rule(CHIEF, "read", "write", permlevel=1)], autoname="field:title", allow_rename=1, is_submittable=1, title_field="title",
    )  # fmt: skip
    for number in range(1, 26):
        frappe.get_doc(
            doctype=BOOK,
            title=f"Book {number:02d}",
            pages_count=number,
            kind="A" if number % 2 else "B",
            pages=[{"text": "one"}],
        ).insert()
    frappe.db.commit()


@pytest.fixture
def clerk(made, door):
    return door("clerk")


@pytest.fixture
def chief(made, door):
    return door("chief")


def kind_of(answer) -> str:
    return answer.json().get("exc_type")


class TestResource:
    def test_a_list(self, clerk):
        answer = clerk.get("/api/resource/Host Book")
        assert answer.status_code == 200 and list(answer.json()) == ["data"]
        assert len(answer.json()["data"]) == 20 and list(answer.json()["data"][0]) == ["name"]

    def test_fields_filters_orders_pages(self, clerk):
        ask = {
            "fields": '["name","pages_count"]',
            "filters": '[["pages_count",">",20]]',
            "order_by": "pages_count asc",
            "limit_start": 1,
            "limit_page_length": 2,
        }
        assert clerk.get("/api/resource/Host Book", params=ask).json()["data"] == [
            {"name": "Book 22", "pages_count": 22},
            {"name": "Book 23", "pages_count": 23},
        ]
        assert len(clerk.get("/api/resource/Host Book", params={"limit": 3}).json()["data"]) == 3
        assert clerk.get(
            "/api/resource/Host Book",
            params={"filters": '{"kind":"A","pages_count":["<",4]}', "as_dict": "False", "order_by": "name"},
        ).json()["data"] == [["Book 01"], ["Book 03"]]
        assert clerk.get(
            "/api/resource/Host Book",
            params={"or_filters": '[["name","=","Book 01"],["name","=","Book 02"]]', "order_by": "name desc"},
        ).json()["data"] == [{"name": "Book 02"}, {"name": "Book 01"}]

    def test_one(self, clerk):
        values = clerk.get("/api/resource/Host Book/Book 01").json()["data"]
        assert (
            values["doctype"] == BOOK
            and values["title"] == "Book 01"
            and values["pages"][0]["text"] == "one"
            and values["docstatus"] == 0
        )

    def test_made_changed_deleted(self, clerk):
        made = clerk.post("/api/resource/Host Book", json={"title": "Fresh", "pages": [{"text": "p"}]})
        assert (
            made.status_code == 200
            and made.json()["data"]["name"] == "Fresh"
            and made.json()["data"]["pages"][0]["idx"] == 1
        )
        changed = clerk.put("/api/resource/Host Book/Fresh", json={"kind": "B"})
        assert changed.status_code == 200 and changed.json()["data"]["kind"] == "B"
        gone = clerk.delete("/api/resource/Host Book/Fresh")
        assert gone.status_code == 202 and gone.json() == {"data": "ok"}
        assert clerk.get("/api/resource/Host Book/Fresh").status_code == 404

    def test_what_is_not_there(self, clerk):
        for path in ("Host Book/None Such", "Host No Such"):
            answer = clerk.get(f"/api/resource/{path}")
            assert answer.status_code == 404 and kind_of(answer) == "DoesNotExistError", (path, answer.text)

    def test_what_is_wrong(self, clerk):
        assert (lambda a: (a.status_code, kind_of(a)))(
            clerk.post("/api/resource/Host Book", json={"kind": "A"})
        ) in ((417, "MandatoryError"), (417, "ValidationError"))
        assert (lambda a: (a.status_code, kind_of(a)))(
            clerk.post("/api/resource/Host Book", json={"title": "Book 01"})
        ) == (409, "DuplicateEntryError")
        assert (lambda a: (a.status_code, kind_of(a)))(
            clerk.put("/api/resource/Host Book/Book 01", json={"kind": "Z"})
        ) == (417, "ValidationError")
        answer = clerk.put("/api/resource/Host Book/Book 01", json={"kind": "Z"}).json()
        assert json.loads(json.loads(answer["_server_messages"])[0])["message"]

    def test_who_may_not(self, made, door):
        for person in ("nobody", "Guest"):
            answer = door(person).get("/api/resource/Host Book/Book 01")
            assert answer.status_code == 403 and kind_of(answer) == "PermissionError"
            assert door(person).get("/api/resource/Host Book").status_code == 403
            assert door(person).post("/api/resource/Host Book", json={"title": "x"}).status_code == 403

    def test_hidden_levels(self, clerk, chief):
        chief.put("/api/resource/Host Book/Book 02", json={"price": 5})
        assert chief.get("/api/resource/Host Book/Book 02").json()["data"]["price"] == 5
        assert not clerk.get("/api/resource/Host Book/Book 02").json()["data"].get("price")
        clerk.put("/api/resource/Host Book/Book 02", json={"price": 9})
        assert chief.get("/api/resource/Host Book/Book 02").json()["data"]["price"] == 5

    def test_a_method_of_a_document(self, clerk):
        assert clerk.post("/api/resource/Host Book/Book 01", params={"run_method": "delete"}).status_code in (
            403,
            404,
            417,
        )


class TestVersionTwo:
    def test_lists_and_documents(self, clerk):
        answer = clerk.get(
            "/api/v2/document/Host Book", params={"fields": '["name"]', "limit": 2, "order_by": "name asc"}
        )
        assert answer.status_code == 200 and answer.json()["data"] == [
            {"name": "Book 01"},
            {"name": "Book 02"},
        ]
        assert clerk.get("/api/v2/document/Host Book/Book 01").json()["data"]["title"] == "Book 01"

    def test_made_changed_deleted(self, clerk):
        made = clerk.post("/api/v2/document/Host Book", json={"title": "Second"})
        assert made.status_code == 200 and made.json()["data"]["name"] == "Second"
        assert (
            clerk.patch("/api/v2/document/Host Book/Second", json={"kind": "B"}).json()["data"]["kind"] == "B"
        )
        assert clerk.delete("/api/v2/document/Host Book/Second").status_code == 202

    def test_errors(self, clerk):
        answer = clerk.get("/api/v2/document/Host Book/None Such")
        assert answer.status_code == 404 and answer.json()["errors"][0]["type"] == "DoesNotExistError"

    def test_methods(self, clerk):
        assert clerk.get("/api/v2/method/ping").json() == {"data": "pong"}
        assert clerk.get("/api/v2/doctype/Host Book/meta").json()["data"]["name"] == BOOK
        assert clerk.get("/api/v2/doctype/Host Book/count").json()["data"] == 25


class TestMethods:
    def test_answers(self, clerk):
        assert clerk.get("/api/method/ping").json() == {"message": "pong"}
        assert clerk.get("/api/method/frappe.auth.get_logged_user").json() == {"message": email("clerk")}

    def test_refusals(self, clerk, door):
        assert clerk.get("/api/method/frappe.no.such.method").status_code in (404, 417, 500)
        assert clerk.get("/api/method/frappe.utils.cint", params={"s": 1}).status_code == 403
        assert door("Guest").get("/api/method/frappe.auth.get_logged_user").status_code == 403
        assert clerk.get("/api/method/frappe.client.insert", params={"doc": "{}"}).status_code == 403
        assert clerk.get("/api/nothing").status_code == 404

    def test_a_wrong_token(self, made, door):
        answer = door("Guest").get("/api/method/ping", headers={"Authorization": "token no:no"})
        assert answer.status_code == 401 and kind_of(answer) == "AuthenticationError"

    def test_log_in_and_out(self, made, door):
        person = door()
        answer = person.post("/api/method/login", data={"usr": email("clerk"), "pwd": PASSWORD})
        assert (
            answer.status_code == 200
            and answer.json()["message"] == "Logged In"
            and answer.json()["full_name"] == "Clerk"
        )
        assert person.get("/api/method/frappe.auth.get_logged_user").json()["message"] == email("clerk")
        assert person.get("/api/method/logout").status_code == 200
        assert person.get("/api/method/frappe.auth.get_logged_user").status_code == 403
        wrong = door().post("/api/method/login", data={"usr": email("clerk"), "pwd": "wrong"})
        assert wrong.status_code == 401 and kind_of(wrong) == "AuthenticationError"


def call(person, method, **arguments):
    answer = person.post(f"/api/method/{method}", json=arguments)
    assert answer.status_code == 200, answer.text
    return answer.json().get("message")


class TestClient:
    def test_reading(self, clerk):
        assert call(
            clerk, "frappe.client.get_value", doctype=BOOK, fieldname="kind", filters={"name": "Book 01"}
        ) == {"kind": "A"}
        assert call(
            clerk, "frappe.client.get_value", doctype=BOOK, fieldname='["kind","title"]', filters="Book 01"
        ) == {"kind": "A", "title": "Book 01"}
        assert (
            call(clerk, "frappe.client.get_value", doctype=BOOK, fieldname="kind", filters={"name": "None"})
            == {}
        )
        assert call(clerk, "frappe.client.get", doctype=BOOK, name="Book 01")["pages"][0]["text"] == "one"
        assert (
            call(clerk, "frappe.client.get", doctype=BOOK, filters={"title": "Book 03"})["name"] == "Book 03"
        )
        assert call(
            clerk,
            "frappe.client.get_list",
            doctype=BOOK,
            fields=["name"],
            filters={"pages_count": [">", 23]},
            order_by="name",
        ) == [{"name": "Book 24"}, {"name": "Book 25"}]
        assert call(clerk, "frappe.client.get_count", doctype=BOOK, filters={"kind": "A"}) == 13
        assert call(
            clerk, "frappe.client.has_permission", doctype=BOOK, docname="Book 01", perm_type="write"
        ) == {"has_permission": True}
        assert call(clerk, "frappe.client.is_document_amended", doctype=BOOK, docname="Book 01") in (
            False,
            None,
        )
        assert call(
            clerk, "frappe.client.validate_link", doctype=BOOK, docname="Book 01", fields=["kind"]
        ) == {"name": "Book 01", "kind": "A"}

    def test_writing(self, clerk):
        made = call(clerk, "frappe.client.insert", doc={"doctype": BOOK, "title": "Client"})
        assert made["name"] == "Client"
        assert (
            call(clerk, "frappe.client.set_value", doctype=BOOK, name="Client", fieldname="kind", value="B")[
                "kind"
            ]
            == "B"
        )
        assert (
            call(
                clerk,
                "frappe.client.set_value",
                doctype=BOOK,
                name="Client",
                fieldname={"kind": "A", "pages_count": 4},
            )["pages_count"]
            == 4
        )
        doc = call(clerk, "frappe.client.get", doctype=BOOK, name="Client")
        assert call(clerk, "frappe.client.save", doc={**doc, "kind": "B"})["kind"] == "B"
        assert (
            call(clerk, "frappe.client.rename_doc", doctype=BOOK, old_name="Client", new_name="Client 2")
            == "Client 2"
        )
        assert call(clerk, "frappe.client.delete", doctype=BOOK, name="Client 2") is None
        assert call(
            clerk,
            "frappe.client.insert_many",
            docs=[{"doctype": BOOK, "title": "M1"}, {"doctype": BOOK, "title": "M2"}],
        ) == ["M1", "M2"]
        answer = call(
            clerk,
            "frappe.client.bulk_update",
            docs=json.dumps(
                [
                    {"doctype": BOOK, "docname": "M1", "kind": "B"},
                    {"doctype": BOOK, "docname": "None", "kind": "B"},
                ]
            ),
        )
        assert len(answer["failed_docs"]) == 1
        for name in ("M1", "M2"):
            call(clerk, "frappe.client.delete", doctype=BOOK, name=name)

    def test_submitting(self, chief, clerk):
        doc = call(chief, "frappe.client.insert", doc={"doctype": BOOK, "title": "Bound"})
        refused = clerk.post("/api/method/frappe.client.submit", json={"doc": doc})
        assert refused.status_code == 403
        assert call(chief, "frappe.client.submit", doc=doc)["docstatus"] == 1
        assert call(chief, "frappe.client.cancel", doctype=BOOK, name="Bound")["docstatus"] == 2
        call(chief, "frappe.client.delete", doctype=BOOK, name="Bound")

    def test_an_old_copy_is_refused(self, clerk):
        doc = call(clerk, "frappe.client.get", doctype=BOOK, name="Book 05")
        call(clerk, "frappe.client.set_value", doctype=BOOK, name="Book 05", fieldname="kind", value="B")
        answer = clerk.post("/api/method/frappe.client.save", json={"doc": doc})
        assert answer.status_code == 417 and kind_of(answer) == "TimestampMismatchError"
        call(clerk, "frappe.client.set_value", doctype=BOOK, name="Book 05", fieldname="kind", value="A")

    def test_who_may_not(self, made, door):
        nobody = door("nobody")
        for method, arguments in (
            ("get", {"doctype": BOOK, "name": "Book 01"}),
            ("get_list", {"doctype": BOOK}),
            ("insert", {"doc": {"doctype": BOOK, "title": "x"}}),
            ("get_value", {"doctype": BOOK, "fieldname": "kind", "filters": "Book 01"}),
            ("delete", {"doctype": BOOK, "name": "Book 01"}),
        ):
            assert nobody.post(f"/api/method/frappe.client.{method}", json=arguments).status_code == 403, (
                method
            )


class TestDesk:
    def test_a_form_is_loaded(self, clerk):
        answer = clerk.get(
            "/api/method/frappe.desk.form.load.getdoc", params={"doctype": BOOK, "name": "Book 01"}
        ).json()
        assert answer["docs"][0]["name"] == "Book 01"
        info = answer["docinfo"]
        assert {
            "attachments",
            "comments",
            "assignments",
            "permissions",
            "shared",
            "versions",
            "tags",
            "views",
            "user_info",
        } <= set(info)
        assert info["permissions"]["write"] == 1
        meta = clerk.get("/api/method/frappe.desk.form.load.getdoctype", params={"doctype": BOOK}).json()[
            "docs"
        ]
        assert {entry["name"] for entry in meta} >= {BOOK, PAGE}

    def test_a_form_is_saved(self, clerk):
        fresh = {"doctype": BOOK, "title": "Desk", "__islocal": 1, "name": "new-host-book-1"}
        made = clerk.post(
            "/api/method/frappe.desk.form.save.savedocs", json={"doc": json.dumps(fresh), "action": "Save"}
        ).json()
        assert made["docs"][0]["name"] == "Desk"
        gone = clerk.post("/api/method/frappe.desk.form.save.cancel", json={"doctype": BOOK, "name": "Desk"})
        assert gone.status_code in (403, 417)
        clerk.delete("/api/resource/Host Book/Desk")

    def test_lists(self, clerk):
        ask = {
            "doctype": BOOK,
            "fields": '["`tabHost Book`.`name`","`tabHost Book`.`kind`"]',
            "filters": "[]",
            "order_by": "`tabHost Book`.`name` asc",
            "start": 0,
            "page_length": 2,
        }
        answer = call(clerk, "frappe.desk.reportview.get", **ask)
        assert answer["keys"] == ["name", "kind"] and answer["values"][0] == ["Book 01", "A"]
        assert (
            call(
                clerk,
                "frappe.desk.reportview.get_count",
                doctype=BOOK,
                filters="[]",
                fields="[]",
                distinct="false",
            )
            == 25
        )
        assert call(
            clerk,
            "frappe.desk.reportview.get_list",
            doctype=BOOK,
            fields='["name"]',
            filters="[]",
            page_length=1,
            order_by="name asc",
        ) == [{"name": "Book 01"}]

    def test_links_are_searched(self, clerk):
        rows = call(clerk, "frappe.desk.search.search_link", doctype=BOOK, txt="Book 1", page_length=5)
        assert rows and all("Book 1" in row["value"] for row in rows)
        assert call(clerk, "frappe.desk.search.get_link_title", doctype=BOOK, docname="Book 01") in (
            "Book 01",
            None,
        )
