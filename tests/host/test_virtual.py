"""Virtual DocTypes: records without a table, kept by their controller."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator

import frappe
import frappe.client
import pytest
from frappe.desk import reportview
from frappe.model.document import Document
from host import kit

KEPT = "Host Kept Elsewhere"
MODULE = "frappe.core.doctype.host_kept_elsewhere"
SHELF: dict[str, dict] = {}


class HostKeptElsewhere(Document):
    """Records on a shelf of this file."""

    def db_insert(self, *args, **kwargs) -> None:
        self.name = self.name or self.title
        SHELF[self.name] = self.get_valid_dict(convert_dates_to_str=True) | {"name": self.name}

    def load_from_db(self) -> None:
        if self.name not in SHELF:
            raise frappe.DoesNotExistError
        super(Document, self).__init__({"doctype": KEPT, **SHELF[self.name]})

    def db_update(self, *args, **kwargs) -> None:
        self.db_insert()

    def delete(self, *args, **kwargs) -> None:
        SHELF.pop(self.name)

    @staticmethod
    def get_list(args=None, **kwargs) -> list:
        given = frappe._dict(args or kwargs)
        size = int(given.page_length or given.limit_page_length or 20)
        rows = sorted(SHELF.values(), key=lambda row: row["name"])[
            int(given.start or given.limit_start or 0) :
        ][:size]
        return [frappe._dict(name=row["name"], title=row["title"], amount=row["amount"]) for row in rows]

    @staticmethod
    def get_count(args=None, **kwargs) -> int:
        return len(SHELF)

    @staticmethod
    def get_stats(args=None, **kwargs) -> dict:
        return {"_user_tags": []}


@pytest.fixture(scope="module")
def kept_made(connected_site) -> Iterator[None]:
    """The DocType; its controller stands where an app has it."""
    frappe.db.rollback()
    frappe.set_user("Administrator")
    for name in (MODULE, f"{MODULE}.host_kept_elsewhere"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules[f"{MODULE}.host_kept_elsewhere"].HostKeptElsewhere = HostKeptElsewhere
    HostKeptElsewhere.__module__ = f"{MODULE}.host_kept_elsewhere"
    kit.make_doctype(
        KEPT, [kit.field("title", reqd=1), kit.field("amount", "Int")], [kit.rule(kit.CLERK, *kit.ALL_RIGHTS)],
        autoname="field:title", title_field="title",
    )  # fmt: skip
    # Virtual DocTypes come with apps alone; this one is made so afterwards.
    frappe.db.set_value("DocType", KEPT, {"custom": 0, "is_virtual": 1})
    frappe.db.commit()
    frappe.clear_cache()
    getattr(frappe, "controllers", {}).clear()
    yield
    frappe.db.rollback()
    frappe.set_user("Administrator")
    frappe.db.set_value("DocType", KEPT, {"custom": 1, "is_virtual": 0})
    frappe.clear_cache()
    kit.remove_doctypes([KEPT])
    for name in (MODULE, f"{MODULE}.host_kept_elsewhere"):
        del sys.modules[name]


@pytest.fixture
def shelf(site, kept_made) -> Iterator[dict]:
    """The shelf with two records."""
    SHELF.clear()
    for title, amount in (("apple", 3), ("pear", 5)):
        frappe.get_doc({"doctype": KEPT, "title": title, "amount": amount}).insert()
    yield SHELF
    SHELF.clear()


def test_nothing_of_it_is_in_the_database(shelf):
    assert set(shelf) == {"apple", "pear"} and not frappe.db.sql(f"select `name` from `tab{KEPT}`")


def test_nobody_makes_one_in_the_browser(site, monkeypatch):
    monkeypatch.setitem(frappe.flags, "in_test", False)
    with pytest.raises(frappe.ValidationError):
        kit.make_doctype("Host Virtual By Hand", [kit.field("title")], is_virtual=1)


def test_a_record_is_read_changed_and_deleted(shelf):
    doc = frappe.get_doc(KEPT, "pear")
    assert (doc.title, doc.amount) == ("pear", 5)
    doc.amount = 7
    doc.save()
    assert shelf["pear"]["amount"] == 7
    frappe.delete_doc(KEPT, "pear")
    assert set(shelf) == {"apple"}
    with pytest.raises(frappe.DoesNotExistError):
        frappe.get_doc(KEPT, "pear")


def test_its_fields_are_checked_as_everywhere(shelf):
    with pytest.raises(frappe.ValidationError):
        frappe.get_doc({"doctype": KEPT, "amount": 1}).insert()
    assert frappe.get_doc({"doctype": KEPT, "title": "plum", "amount": 4}).insert().amount == 4


def test_lists_come_from_the_controller(shelf):
    assert [row.name for row in frappe.get_list(KEPT)] == ["apple", "pear"]
    assert [row.name for row in frappe.get_all(KEPT, limit_page_length=1)] == ["apple"]


def ask(method, **form):
    frappe.local.form_dict = frappe._dict(form)
    return method()


def test_the_doors_of_lists(shelf):
    assert [row["name"] for row in frappe.client.get_list(KEPT)] == ["apple", "pear"]
    answer = ask(reportview.get, doctype=KEPT, fields=["name", "title"], start=0, page_length=20)
    position = answer["keys"].index("name")
    assert [row[position] for row in answer["values"]] == ["apple", "pear"]
    assert [row["name"] for row in ask(reportview.get_list, doctype=KEPT, fields=["name"])] == [
        "apple",
        "pear",
    ]
    assert ask(reportview.get_count, doctype=KEPT, filters=[], fields=[]) == 2


def test_rights_hold_for_it(shelf, as_user):
    as_user("nobody")
    with pytest.raises(frappe.PermissionError):
        frappe.get_doc({"doctype": KEPT, "title": "plum"}).insert()
    with pytest.raises(frappe.PermissionError):
        frappe.client.get(KEPT, "pear")
    as_user("clerk")
    assert frappe.client.get(KEPT, "pear")["amount"] == 5


def test_links_to_it_are_not_looked_up(shelf, make_doctype):
    make_doctype("Host Linked Elsewhere", [kit.field("kept", "Link", options=KEPT)])
    doc = frappe.get_doc({"doctype": "Host Linked Elsewhere", "kept": "apple"}).insert()
    assert doc.kept == "apple"
