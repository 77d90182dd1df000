"""Tables follow the metadata, online, and a second time there is nothing to do."""

from __future__ import annotations

import frappe
import pytest
from frappe.database.schema import sync_table

from .conftest import ITEM, NUMBERED


@pytest.fixture
def structure_statements(site, monkeypatch) -> list[str]:
    """Statements that change tables, as they are sent."""
    seen: list[str] = []
    send = frappe.db._execute

    def watch(query, values):
        if query.lstrip().lower().startswith(("create", "alter", "drop")):
            seen.append(query)
        return send(query, values)

    monkeypatch.setattr(frappe.db._get_current_object(), "_execute", watch)
    return seen


def columns(doctype: str) -> dict[str, tuple]:
    rows = frappe.db.sql(
        "select column_name, column_type, is_nullable, column_default, collation_name"
        " from information_schema.columns where table_schema = database() and table_name = %s",
        (f"tab{doctype}",),
    )
    return {row[0]: row[1:] for row in rows}


def test_columns_are_those_of_frappe(site):
    found = columns(ITEM)
    assert found["name"][:2] == ("varchar(140)", "NO") and found["name"][3] == "utf8mb4_unicode_ci"
    assert found["creation"][0] == found["seen_at"][0] == "datetime(6)"
    assert found["amount"][:3] == ("decimal(21,9)", "NO", "0.000000000")
    assert found["at_time"][0] == "time(6)" and found["extra"][0] == "longtext"
    assert found["idx"][:3] == ("int(8)", "NO", "0")
    assert columns(NUMBERED)["name"][:2] == ("bigint(20)", "NO")
    table = frappe.db.sql(
        "select engine, row_format, table_collation from information_schema.tables"
        " where table_schema = database() and table_name = %s",
        (f"tab{ITEM}",),
    )
    assert table == (("InnoDB", "Dynamic", "utf8mb4_unicode_ci"),)


def test_a_second_migrate_changes_no_table(site, structure_statements):
    from frappe.migrate import migrate

    migrate()
    structure_statements.clear()
    migrate()
    for doctype in frappe.get_all("DocType", filters={"issingle": 0, "is_virtual": 0}, pluck="name"):
        sync_table(frappe.get_meta(doctype))
    assert structure_statements == []


def test_a_table_at_which_a_change_was_interrupted_is_mended_by_migrate(site):
    from frappe.migrate import migrate

    frappe.db.sql_ddl(f"alter table `tab{ITEM}` drop column `seen_at`, drop index `code_unique`")
    migrate()
    assert columns(ITEM)["seen_at"][0] == "datetime(6)" and frappe.db.has_index(f"tab{ITEM}", "code_unique")


def test_a_definition_counts_as_read_when_its_table_is_done(site, monkeypatch):
    from frappe.model import sync

    fields = [{"fieldname": "title", "fieldtype": "Data", "label": "Title"}]
    definition = {"name": "Maria Shipped", "module": "Core", "fields": fields}

    def stop(meta):
        frappe.db.commit()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(sync, "sync_table", stop)
        sync.import_doctype(definition, "fingerprint")
    frappe.db.rollback()
    assert sync.import_doctype(definition, "fingerprint") is True
    assert "title" in columns("Maria Shipped")
    assert sync.import_doctype(definition, "fingerprint") is False
    frappe.delete_doc("DocType", "Maria Shipped", force=True)
    frappe.db.commit()


def test_a_longer_field_gets_a_longer_column_and_keeps_its_values(item):
    doc = item(title="x" * 140)
    change(ITEM, "title", length=200)
    assert columns(ITEM)["title"][0] == "varchar(200)"
    assert frappe.db.get_value(ITEM, doc.name, "title") == "x" * 140
    change(ITEM, "title", length=100)
    assert columns(ITEM)["title"][0] == "varchar(200)", "nothing that is stored is cut off"
    frappe.db.delete(ITEM)
    change(ITEM, "title", length=0)
    assert columns(ITEM)["title"][0] == "varchar(140)"


def change(doctype: str, fieldname: str, **properties: object) -> None:
    definition = frappe.get_doc("DocType", doctype)
    field = next(row for row in definition.fields if row.fieldname == fieldname)
    field.update(properties)
    definition.save()
    frappe.db.commit()


def test_an_index_and_a_rule_of_uniqueness_come_and_the_rule_goes(item):
    change(ITEM, "title", search_index=1)
    assert frappe.db.has_index(f"tab{ITEM}", "title")
    change(ITEM, "title", unique=1)
    item(title="once", code="a")
    with pytest.raises(frappe.UniqueValidationError):
        item(title="ONCE", code="b")
    frappe.db.rollback()
    change(ITEM, "title", unique=0)
    item(title="once", code="a")
    assert item(title="once", code="b").name
    frappe.db.rollback()


def test_a_new_number_is_nought_in_the_rows_that_are_there(item):
    doc = item()
    definition = frappe.get_doc("DocType", ITEM)
    definition.append(
        "fields", {"fieldname": "pieces", "fieldtype": "Int", "label": "Pieces", "default": "3"}
    )
    definition.save()
    assert frappe.db.get_value(ITEM, doc.name, "pieces") == 3
    assert columns(ITEM)["pieces"][:3] == ("int(11)", "NO", "3")


def test_changes_are_asked_for_online(item, structure_statements):
    frappe.db.add_index(ITEM, ["title(20)", "state"], "title_and_state")
    assert structure_statements == [
        "alter table `tabMaria Item` wait 60 add index `title_and_state` (`title`(20), `state`), algorithm = nocopy, lock = none"
    ]
    frappe.db.add_index(ITEM, ["title(20)", "state"], "title_and_state")
    assert len(structure_statements) == 1


def test_changing_tables_between_writes_is_refused(item):
    item()
    with pytest.raises(frappe.ImplicitCommitError):
        frappe.db.sql("create table `__between` (`a` int)")
    frappe.db.rollback()
    assert frappe.db.count(ITEM) == 0


def test_a_row_that_is_too_wide_is_refused_in_words(site):
    fields = [{"fieldname": f"text_{number}", "fieldtype": "Data", "label": f"Text {number}", "length": 1000} for number in range(40)]  # fmt: skip
    with pytest.raises(frappe.ValidationError, match="too many columns"):
        frappe.get_doc(doctype="DocType", name="Maria Wide", module="Core", custom=1, fields=fields).insert()
    frappe.db.rollback()
    frappe.delete_doc("DocType", "Maria Wide", force=True, ignore_missing=True)
    frappe.db.commit()
    assert 0 < frappe.db.get_row_size(ITEM) < 65_535


def test_a_list_follows_its_index_right_after_many_rows_came_in(site):
    """The server counts the rows of a table by itself only some seconds later, and would sort them all until then."""
    columns_, stamp = ["name", "creation", "modified"], "2026-01-01 00:00:00"
    try:
        frappe.db.bulk_insert(
            ITEM,
            columns_,
            ((f"loaded {number:05d}", stamp, f"{stamp}.{number:06d}") for number in range(5000)),
        )
        frappe.db.commit()
        plan = frappe.db.sql(
            f"explain select `name`, `amount` from `tab{ITEM}` order by `modified` desc limit 20",
            as_dict=True,
        )
        assert plan[0]["key"] == "modified" and int(plan[0]["rows"]) < 100, plan
        assert len(frappe.get_all(ITEM, limit=20)) == 20
    finally:
        frappe.db.delete(ITEM, {"name": ("like", "loaded %")})
        frappe.db.commit()
