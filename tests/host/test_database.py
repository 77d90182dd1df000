"""Values past the documents: `frappe.db`, transactions, the query builder."""

from __future__ import annotations

import frappe
import pytest
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count, Max, Sum
from host.orders import CUSTOMER, ORDER


@pytest.fixture
def customers(customer) -> list[str]:
    """Five customers in two cities."""
    for number in range(5):
        customer(f"C{number}", city="Linjiang" if number % 2 else "Donghai", disabled=int(number > 3))
    return [f"C{number}" for number in range(5)]


def test_one_value_several_values_and_none(customers):
    assert frappe.db.get_value(CUSTOMER, "C1", "city") == "Linjiang"
    assert frappe.db.get_value(CUSTOMER, "C1", ["city", "disabled"]) == ("Linjiang", 0)
    assert frappe.db.get_value(CUSTOMER, "C1", ["city"], as_dict=True) == {"city": "Linjiang"}
    assert frappe.db.get_value(CUSTOMER, {"city": "Donghai", "disabled": 1}) == "C4"
    assert frappe.db.get_value(CUSTOMER, {"city": "Nowhere"}, ["name", "city"]) is None
    assert frappe.db.get_value(CUSTOMER, [["code", "in", ["C2", "C9"]]], "code") == "C2"


def test_values_of_many(customers):
    rows = frappe.db.get_values(
        CUSTOMER, {"city": "Linjiang"}, ["name", "city"], as_dict=True, order_by="name asc"
    )
    assert [row.name for row in rows] == ["C1", "C3"] and rows[0].city == "Linjiang"
    assert sorted(frappe.db.get_values(CUSTOMER, {"disabled": 0}, "name", pluck=True)) == customers[:4]


def test_an_order_without_a_word_begins_with_the_greatest(customers):
    ask = {"doctype": CUSTOMER, "filters": {"city": "Donghai"}, "fieldname": "name", "pluck": True}
    assert frappe.db.get_values(**ask, order_by="name") == ["C4", "C2", "C0"]
    assert frappe.db.get_values(**ask, order_by="name asc") == ["C0", "C2", "C4"]
    assert frappe.get_all(CUSTOMER, {"city": "Donghai"}, pluck="name", order_by="name") == ["C0", "C2", "C4"]


def test_existence_and_counts(customers):
    assert frappe.db.exists(CUSTOMER, "C1") == "C1"
    assert frappe.db.exists({"doctype": CUSTOMER, "city": "Donghai"})
    assert not frappe.db.exists(CUSTOMER, {"city": "Nowhere"}) and not frappe.db.exists(CUSTOMER, None)
    assert frappe.db.count(CUSTOMER) >= 5 and frappe.db.count(CUSTOMER, {"city": "Linjiang"}) == 2


def test_writing_and_deleting_by_conditions(customers):
    frappe.db.set_value(CUSTOMER, {"city": "Linjiang"}, "full_name", "renamed")
    assert frappe.db.count(CUSTOMER, {"full_name": "renamed"}) == 2
    frappe.db.delete(CUSTOMER, {"city": "Linjiang"})
    assert frappe.get_all(CUSTOMER, pluck="name", order_by="name") == ["C0", "C2", "C4"]


def test_statements_with_values(customers):
    query = f"select name, city from `tab{CUSTOMER}` where city = %s and disabled = %s order by name"
    assert frappe.db.sql(query, ("Donghai", 0)) == (("C0", "Donghai"), ("C2", "Donghai"))
    rows = frappe.db.sql(
        f"select name from `tab{CUSTOMER}` where name in %(names)s order by name",
        {"names": ["C1", "C3"]},
        as_dict=True,
    )
    assert [row.name for row in rows] == ["C1", "C3"]
    assert frappe.db.sql(f"select name from `tab{CUSTOMER}` where city like %s", "Lin%", pluck=True)
    assert frappe.db.sql_list(f"select name from `tab{CUSTOMER}` where full_name = %s", "x' or '1'='1") == []
    assert frappe.db.escape("it's").startswith("'it") and len(frappe.db.escape("it's")) > 6


def test_a_savepoint_undoes_a_part(customers):
    frappe.db.savepoint("here")
    frappe.db.set_value(CUSTOMER, "C1", "city", "Elsewhere")
    frappe.db.rollback(save_point="here")
    assert frappe.db.get_value(CUSTOMER, "C1", "city") == "Linjiang"


def test_what_waits_for_the_end_of_the_transaction(customers):
    happened = []
    frappe.db.after_rollback.add(lambda: happened.append("undone"))
    frappe.db.after_commit.add(lambda: happened.append("never"))
    frappe.db.rollback()
    assert happened == ["undone"]


def test_rows_in_bulk(life):
    fields = ["name", "code", "city", "owner", "modified_by", "creation", "modified"]
    now = frappe.utils.now()
    rows = [(f"B{n}", f"B{n}", "Bulk", "Administrator", "Administrator", now, now) for n in range(1000)]
    frappe.db.bulk_insert(CUSTOMER, fields, rows)
    assert frappe.db.count(CUSTOMER, {"city": "Bulk"}) == 1000
    frappe.db.bulk_insert(CUSTOMER, fields, rows[:10], ignore_duplicates=True)
    assert frappe.db.count(CUSTOMER, {"city": "Bulk"}) == 1000


def test_tables_and_columns(life):
    assert frappe.db.table_exists(CUSTOMER) and not frappe.db.table_exists("Nothing At All")
    assert frappe.db.has_column(CUSTOMER, "city") and not frappe.db.has_column(CUSTOMER, "nothing")


def test_the_query_builder(customers, order):
    customer = DocType(CUSTOMER)
    query = (
        frappe.qb.from_(customer)
        .select(customer.name)
        .where(customer.city == "Donghai")
        .orderby(customer.name)
    )
    assert query.run(pluck=True) == ["C0", "C2", "C4"]
    counted = frappe.qb.from_(customer).select(customer.city, Count("*").as_("n"), Max(customer.code).as_("last")).groupby(customer.city).orderby(customer.city)  # fmt: skip
    assert [(row.city, row.n, row.last) for row in counted.run(as_dict=True)] == [
        ("Donghai", 3, "C4"),
        ("Linjiang", 2, "C3"),
    ]
    for number in range(3):
        order(customer=f"C{number}", total=number * 10)
    orders = DocType(ORDER)
    joined = (
        frappe.qb.from_(orders).join(customer).on(orders.customer == customer.name).select(customer.city, Sum(orders.total))
        .where(orders.total.isnotnull() & orders.customer.isin(["C0", "C1", "C2"])).groupby(customer.city).orderby(customer.city)
    )  # fmt: skip
    assert [(city, float(total)) for city, total in joined.run()] == [("Donghai", 20.0), ("Linjiang", 10.0)]
    frappe.qb.update(customer).set(customer.full_name, "it's").where(customer.name == "C0").run()
    assert frappe.db.get_value(CUSTOMER, "C0", "full_name") == "it's"
    frappe.qb.from_(customer).delete().where(customer.name == "C4").run()
    assert not frappe.db.exists(CUSTOMER, "C4")
    assert frappe.qb.from_(customer).select(customer.name).where(customer.name == "x' or 1=1 -- ").run() == ()


def test_values_in_the_builder_are_never_sql(customers):
    customer = DocType(CUSTOMER)
    for text in ("'; drop table x; --", "\\' or 1=1 -- ", "%s", "%(name)s", "`", '"', "\\", "100%"):
        frappe.db.set_value(CUSTOMER, "C0", "full_name", text)
        found = (
            frappe.qb.from_(customer)
            .select(customer.full_name)
            .where(customer.full_name == text)
            .run(pluck=True)
        )
        assert found == [text]
        assert frappe.get_all(CUSTOMER, {"full_name": text}, pluck="name") == ["C0"]
