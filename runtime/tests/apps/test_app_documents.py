"""Documents of the apps, and what the apps' hooks do to documents of others."""

from __future__ import annotations

import json
import re

import pytest

from .conftest import CLERK, OTHER, READER

hook = pytest.mark.hook


@pytest.fixture
def loan(site):
    """Makes a loan of one item to the first member."""
    import frappe

    def make(member: str = "R1", title: str = "Emma", **values):
        item = frappe.db.get_value("Lending Item", {"title": title})
        return frappe.get_doc(
            doctype="Lending Loan", member=member, items=[{"item": item}], **values
        ).insert()

    return make


# -- the app's own DocTypes


def test_a_loan_is_named_dated_fetched_submitted_and_amended(loan):
    import frappe

    first = loan(lent_on="2025-03-01")
    assert re.fullmatch(r"LOAN-\d{4}-\d{3}", first.name)
    assert str(frappe.utils.getdate(first.due_on)) == "2025-03-15", "fourteen days, a default of the single"
    assert (first.owner_user, first.items[0].title) == (READER, "Emma")
    first.submit()
    assert frappe.db.count("Lending Visit", {"loan": first.name, "docstatus": 1}) == 1
    with pytest.raises(frappe.exceptions.UpdateAfterSubmitError):
        first.due_on = "2025-04-01"
        first.save()
    first.reload()
    first.remark = "allowed"
    first.save()
    first.cancel()
    again = frappe.copy_doc(first)
    again.amended_from = first.name
    again.docstatus = 0
    again.insert()
    assert again.name == f"{first.name}-1" and len(again.items) == 1


def test_an_item_is_named_by_its_page_and_gets_an_address_when_it_is_published(site):
    import frappe

    item = frappe.get_doc(doctype="Lending Item", title="North & South", shelf="Fiction", copies=1).insert()
    assert (item.name, item.route) == ("north-south", None)
    item.published = 1
    item.save()
    assert item.route == "items/north-south"
    assert item.reserve(1) == 0


def test_a_loan_that_is_late_is_charged(loan):
    import frappe
    from lendery import tasks

    late = loan(lent_on="2025-03-01")
    late.submit()
    tasks.daily()
    late.reload()
    days = frappe.utils.date_diff(frappe.utils.today(), "2025-03-15")
    assert late.items[0].fine == late.fine == 0.5 * days


def test_bad_loans_are_refused(loan):
    import frappe

    with pytest.raises(frappe.MandatoryError):
        frappe.get_doc(doctype="Lending Loan", member="R1").insert()
    with pytest.raises(frappe.exceptions.InvalidDates):
        loan(lent_on="2025-03-01", due_on="2025-02-01")
    frappe.db.set_value("Lending Member", "R1", "blocked", 1)
    with pytest.raises(frappe.ValidationError, match="R1"):
        loan()


def test_shelves_are_a_tree(site):
    import frappe
    from frappe.utils.nestedset import get_descendants_of

    frappe.get_doc(doctype="Lending Shelf", shelf_name="Optics", parent_lending_shelf="Science").insert()
    assert sorted(get_descendants_of("Lending Shelf", "All", ignore_permissions=True)) == [
        "Fiction",
        "Optics",
        "Science",
    ]
    with pytest.raises(frappe.ValidationError):
        frappe.delete_doc("Lending Shelf", "Science")


def test_overdue_loans_are_rows_without_a_table(loan):
    import frappe

    late = loan(lent_on="2025-03-01")
    late.submit()
    assert not frappe.db.table_exists("Lending Overdue") or not frappe.db.count("Lending Overdue")
    rows = frappe.get_list("Lending Overdue")
    assert [row["name"] for row in rows] == [late.name]
    doc = frappe.get_doc("Lending Overdue", late.name)
    assert doc.member == "R1" and doc.days > 0
    with pytest.raises(frappe.DoesNotExistError):
        frappe.get_doc("Lending Overdue", "no such loan")
    with pytest.raises(frappe.ValidationError):
        frappe.get_doc(doctype="Lending Overdue", member="R1").insert()


def test_the_single_has_its_defaults_and_its_rule(site):
    import frappe

    assert frappe.db.get_single_value("Lending Settings", "days") == 14
    settings = frappe.get_doc("Lending Settings")
    settings.days = 0
    with pytest.raises(frappe.ValidationError):
        settings.save()
    settings.reload()
    settings.days, settings.gate_key = 7, "open sesame"
    settings.save()
    assert frappe.db.get_single_value("Lending Settings", "days") == 7
    assert settings.get_password("gate_key") == "open sesame"
    assert "sesame" not in str(frappe.db.get_value("Lending Settings", None, "gate_key"))


def test_reports_count_loans_and_items(loan):
    import frappe
    from frappe.desk.query_report import run

    loan().submit()
    found = run("Lending Loans by Member", filters={"member": "R1"})
    assert found["result"][0]["loans"] == 1 and found["report_summary"][0]["value"] == 1
    shelves = run("Lending Items by Shelf", filters={"shelf": "Fic%"})
    assert [column["label"] for column in shelves["columns"]] == ["Shelf", "Items"]
    assert [list(row.values()) if isinstance(row, dict) else list(row) for row in shelves["result"]] == [
        ["Fiction", 2]
    ]
    frappe.set_user(READER)
    with pytest.raises(frappe.PermissionError):
        run("Lending Loans by Member")


def test_a_notification_reaches_the_member_in_the_system(loan):
    import frappe

    lent = loan()
    lent.submit()
    note = frappe.get_all(
        "Notification Log", filters={"document_name": lent.name, "for_user": READER}, fields=["subject"]
    )
    assert [row.subject for row in note] == ["Lent: Emma"]


@hook("jinja")
def test_the_print_format_uses_the_apps_functions_and_filters(loan):
    import frappe

    html = frappe.get_print("Lending Loan", loan().name, print_format="Lending Slip")
    assert "Borrowed by R1" in html and "[Emma]" in html and "0.00 due" in html
    assert (
        frappe.render_template("{{ shout(word) }}{{ word | shelfmark }}", {"word": "late"}) == "LATE![late]"
    )


@hook("pdf_body_html", "get_print_format_template")
def test_the_app_has_a_hand_in_every_print(loan, site):
    import frappe

    lent = loan()
    assert "printed by lendery" in frappe.get_print("Lending Loan", lent.name)
    assert "printed by lendery" in frappe.get_print("Lending Loan", lent.name, print_format="Lending Slip")
    assert [entry["print_format"] for entry in site.trace("pdf_body_html")][-1] == "Lending Slip"
    frappe.flags.short_slip = True
    html = frappe.get_print("Lending Loan", lent.name, print_format="Lending Slip")
    assert "<b>R1</b>" in html and "Borrowed by" not in html


@hook("pdf_header_html", "pdf_footer_html")
@pytest.mark.needs("wkhtmltopdf")
def test_header_and_footer_of_a_pdf_are_the_apps(site):
    from frappe.utils.pdf import get_pdf

    html = '<html><body><div id="header-html">head</div><p>body</p><div id="footer-html">foot</div></body></html>'
    assert get_pdf(html).startswith(b"%PDF")
    assert [entry["html_id"] for entry in site.trace("pdf_header_html")] == ["header-html"]
    assert [entry["html_id"] for entry in site.trace("pdf_footer_html")] == ["footer-html"]


def test_the_apps_translations_are_used(site):
    import frappe

    frappe.local.lang = "zh"
    assert frappe._("Lending Item") == "借阅品"
    assert frappe._("Title", context="Lending Item") == "书名"
    assert frappe._("Borrowed by {0}").format("R1") == "借阅人：R1"
    assert frappe._("Lending Item", lang="en") == "Lending Item"


def test_a_booking_goes_through_the_workflow_of_the_fixture(site):
    import frappe
    from frappe.model.workflow import apply_workflow, get_transitions

    frappe.get_doc(doctype="Booking Room", room_name="Attic", seats=8).insert()
    booking = frappe.get_doc(doctype="Room Booking", room="Attic", on_day="2025-03-04").insert()
    assert booking.workflow_state == "Room Asked"
    assert [entry.action for entry in get_transitions(booking)] == ["Grant Room"]
    assert apply_workflow(booking, "Grant Room").workflow_state == "Room Granted"
    with pytest.raises(frappe.DuplicateEntryError):
        frappe.get_doc(doctype="Room Booking", room="Attic", on_day="2025-03-04").insert()


# -- hooks about documents


@hook("doc_events")
def test_events_of_every_doctype_of_one_and_of_several(site):
    import frappe

    todo = frappe.get_doc(doctype="ToDo", description="shelve the books").insert()
    assert site.trace("doc_events *") == [{"doctype": "ToDo", "name": todo.name, "method": "on_update"}]
    assert site.trace("doc_events tuple") == [{"doctype": "ToDo", "method": "before_insert"}]
    site.forget()
    todo.delete()
    assert site.trace("doc_events *") == [{"doctype": "ToDo", "name": todo.name, "method": "on_trash"}]
    with pytest.raises(frappe.ValidationError, match="banned"):
        frappe.get_doc(
            doctype="User", email="x@lendery.test", first_name="lendery-banned", send_welcome_email=0
        ).insert()


@hook("doc_events")
def test_another_app_follows_a_loan_through_its_life(loan, site):
    import frappe

    first = loan()
    first.submit()
    first.remark = "late"
    first.save()
    first.cancel()
    assert [(entry["method"], entry["docstatus"]) for entry in site.trace("doc_events Lending Loan")] == [
        ("on_submit", 1),
        ("on_update_after_submit", 1),
        ("on_cancel", 2),
    ]
    with pytest.raises(frappe.ValidationError, match="no room"):
        loan(remark="no room").submit()


@hook("override_doctype_class")
def test_the_last_app_s_class_stands_for_a_core_doctype(site):
    import frappe
    from frappe.desk.doctype.todo.todo import ToDo
    from roombook.overrides import RoomToDo

    todo = frappe.get_doc(doctype="ToDo", description="return: Emma").insert()
    assert type(todo) is RoomToDo and isinstance(todo, ToDo) and todo.is_of_lendery()
    assert (todo.priority, todo.color) == ("High", "#123456")
    assert type(frappe.get_doc("ToDo", todo.name)) is RoomToDo


@hook("permission_query_conditions", "has_permission")
def test_a_member_sees_his_own_loans_alone(loan):
    import frappe

    mine, others = loan().name, loan("R2").name
    frappe.set_user(READER)
    assert frappe.get_list("Lending Loan", pluck="name") == [mine]
    assert frappe.has_permission("Lending Loan", "read", mine)
    assert not frappe.has_permission("Lending Loan", "read", others)
    with pytest.raises(frappe.PermissionError):
        frappe.get_doc("Lending Loan", others).check_permission("read")
    frappe.set_user(CLERK)
    assert set(frappe.get_list("Lending Loan", pluck="name")) == {mine, others}


@hook("has_website_permission")
def test_the_website_asks_the_apps_own_rule(loan):
    import frappe

    mine = loan()
    assert frappe.has_website_permission(mine, user=READER)
    assert not frappe.has_website_permission(mine, user=OTHER)


@hook("standard_queries")
def test_a_link_to_a_member_is_searched_by_the_apps_query(site):
    import frappe
    from frappe.desk.search import search_link

    frappe.db.set_value("Lending Member", "R2", "blocked", 1)
    found = search_link("Lending Member", "Member")
    assert [row["value"] for row in found] == ["R1"]
    assert "Member R1" in found[0]["description"]


@hook("ignore_links_on_delete", "auto_cancel_exempted_doctypes")
def test_visits_stand_in_the_way_of_no_deletion_and_are_not_cancelled_with_loans(loan, site):
    import frappe
    from frappe.desk.form import linked_with

    lent = loan()
    lent.submit()
    linked = linked_with.get_submitted_linked_docs("Lending Loan", lent.name)["docs"]
    linked_with.cancel_all_linked_docs(json.dumps(linked))
    lent.reload()
    lent.cancel()
    assert frappe.db.get_value("Lending Visit", {"loan": lent.name}, "docstatus") == 1
    frappe.delete_doc("Lending Loan", lent.name)
    assert not frappe.db.exists("Lending Loan", lent.name)
    loan()
    with pytest.raises(frappe.LinkExistsError):
        frappe.delete_doc("Lending Member", "R1")


@hook("naming_series_variables")
def test_a_series_has_parts_that_the_app_computes(site):
    import frappe
    from frappe.model.naming import make_autoname

    loan = frappe.get_doc(doctype="Lending Loan", items=[{}, {}])
    assert make_autoname("X-.SHELFLESS.-.##", doc=loan) == "X-S2-01"


@hook("override_doctype_dashboards")
def test_a_core_form_shows_the_library_s_records(site):
    import frappe

    data = frappe.get_meta("User").get_dashboard_data()
    assert {"label": "Library", "items": ["Lending Loan"]} in [dict(entry) for entry in data["transactions"]]


@hook("additional_timeline_content")
def test_the_timeline_of_a_loan_has_a_line_of_the_app(loan):
    import frappe
    from frappe.desk.form.load import getdoc

    lent = loan()
    getdoc("Lending Loan", lent.name)
    lines = frappe.response.docinfo["additional_timeline_content"]
    assert [line["template_data"] for line in lines] == [{"loan": lent.name}]


@hook("doctype_js", "doctype_list_js", "doctype_tree_js", "doctype_calendar_js")
def test_a_form_s_metadata_carries_the_apps_scripts(site):
    import frappe
    from frappe.desk.form.load import getdoctype

    getdoctype("ToDo")
    meta = json.loads(frappe.as_json(frappe.response.docs[0]))
    assert "lendery: todo\n" in meta["__js"]
    assert "lendery: todo_list" in meta["__list_js"]
    assert "lendery: todo_calendar" in meta["__calendar_js"]
    frappe.response.docs = []
    getdoctype("Lending Shelf")
    assert "lendery: shelf_tree" in json.loads(frappe.as_json(frappe.response.docs[0]))["__tree_js"]


@hook("user_data_fields")
def test_what_is_kept_of_a_person_is_named(site):
    import frappe

    entry = frappe.get_hooks("user_data_fields")
    assert {
        "doctype": "Lending Member",
        "filter_by": "email",
        "redact_fields": ["member_name"],
        "partial": 1,
    } in entry


@hook("before_write_file", "write_file", "delete_file_data_content")
def test_the_app_keeps_files_in_its_own_way(site):
    import frappe

    file = frappe.get_doc(
        doctype="File", file_name="card.txt", is_private=1, content="number of the card"
    ).insert()
    assert site.trace("before_write_file") == [{"file_size": 18}]
    assert site.trace("write_file") == [{"file_name": "card.txt", "is_private": 1}]
    assert frappe.get_doc("File", file.name).get_content() in ("number of the card", b"number of the card")
    file.delete()
    assert [entry["only_thumbnail"] for entry in site.trace("delete_file_data_content")] == [False]


@hook("global_search_doctypes")
def test_items_are_found_by_the_search_over_everything(site):
    import frappe

    assert {"doctype": "Lending Item", "index": 0} in frappe.get_hooks("global_search_doctypes")["Default"]
