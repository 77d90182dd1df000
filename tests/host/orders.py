"""DocTypes for the life of documents: an order with rows, a customer behind a link, names of every kind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from host.kit import CHIEF, CLERK, field, make_doctype, rule

ORDER, LINE, CUSTOMER, NOTE, SETTINGS = (
    "Host Order",
    "Host Order Line",
    "Host Customer",
    "Host Note",
    "Host Settings",
)


def make_all() -> None:
    """Every DocType of these tests."""
    make_doctype(
        CUSTOMER, autoname="field:code", allow_rename=1, title_field="full_name", fields=[
            field("code", reqd=1, unique=1), field("full_name"), field("city", default="Linjiang"), field("email", options="Email"),
            field("disabled", "Check"), field("parent_customer", "Link", options=CUSTOMER),
        ],
    )  # fmt: skip
    make_doctype(
        LINE, istable=1, permissions=[], fields=[
            field("item", reqd=1), field("amount", "Float", non_negative=1), field("customer", "Link", options=CUSTOMER),
            field("city", fetch_from="customer.city", read_only=1), field("agent", "Link", options=CUSTOMER), field("kind", "Select", options="\nGood\nBad", default="Good"),
        ],
    )  # fmt: skip
    make_doctype(
        ORDER, autoname="naming_series:", is_submittable=1, track_changes=1, fields=[
            field("naming_series", "Select", options="LO-.YYYY.-.###\nLX-.####", default="LO-.YYYY.-.###"), field("subject", reqd=1),
            field("customer", "Link", options=CUSTOMER), field("agent", "Link", options=CUSTOMER),
            field("city", fetch_from="customer.city", read_only=1), field("own_city", fetch_from="customer.city", fetch_if_empty=1), field("party_type", "Link", options="DocType"),
            field("party", "Dynamic Link", options="party_type"), field("total", "Currency"), field("count", "Int"), field("share", "Percent"),
            field("ordered_on", "Date", default="Today"), field("ordered_at", "Datetime"), field("at_time", "Time"), field("urgent", "Check", default="1"),
            field("state", "Select", options="New\nDone", default="New"), field("origin", set_only_once=1), field("internal", no_copy=1),
            field("remark", "Small Text", allow_on_submit=1), field("secret_price", "Currency", permlevel=1), field("extra", "JSON"),
            field("text", "Text Editor"), field("short", length=10), field("made_by", default="__user"), field("website", options="URL"),
            field("lines", "Table", options=LINE), field("amended_from", "Link", options=ORDER, no_copy=1, read_only=1),
        ],
        permissions=[rule(CLERK, "read", "write", "create", "delete"), rule(CHIEF, "read", "write", "create", "delete", "submit", "cancel", "amend"),
                     rule(CHIEF, "read", "write", permlevel=1)],
    )  # fmt: skip
    make_doctype(
        NOTE,
        autoname="hash",
        allow_rename=0,
        track_changes=1,
        fields=[field("text"), field("order", "Link", options=ORDER)],
    )
    make_doctype(
        SETTINGS,
        issingle=1,
        fields=[
            field("greeting", default="hello"),
            field("limit", "Int", default="7"),
            field("open", "Check"),
        ],
    )
    for name, rule_ in (
        ("Host Format", "format:F-{subject}-{##}"), ("Host Expression", "EX-.YY.-.##"), ("Host Number", "autoincrement"),
        ("Host Prompt", "Prompt"), ("Host Plain", ""),
    ):  # fmt: skip
        make_doctype(
            name,
            autoname=rule_,
            fields=[field("subject")],
            **({"naming_rule": "Autoincrement"} if rule_ == "autoincrement" else {}),
        )


@pytest.fixture(scope="session")
def life_made(connected_site: str) -> None:
    """The DocTypes, made once."""
    import frappe

    frappe.db.rollback()
    frappe.set_user("Administrator")
    make_all()
    frappe.db.commit()


@pytest.fixture
def life(life_made: None, site: str) -> str:
    """The site with the DocTypes of these tests."""
    return site


@pytest.fixture
def customer(life: str) -> Callable:
    """Makes a customer."""
    import frappe

    def make(code: str = "C1", **values: object):
        return frappe.get_doc(
            {"doctype": CUSTOMER, "code": code, "full_name": f"Customer {code}", **values}
        ).insert()

    return make


@pytest.fixture
def order(life: str) -> Callable:
    """Makes an order."""
    import frappe

    def make(**values: object):
        return frappe.get_doc({"doctype": ORDER, "subject": "an order", **values}).insert()

    return make


@pytest.fixture
def events(life: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Fills with the events of orders, as they happen."""
    from frappe.model.document import Document

    seen: list[str] = []
    run_method = Document.run_method

    def watched(self, method, *args, **kwargs):
        if self.doctype == ORDER:
            seen.append(method)
        return run_method(self, method, *args, **kwargs)

    monkeypatch.setattr(Document, "run_method", watched)
    return seen
