"""A document's life: inserted, saved, submitted, cancelled, amended, deleted; which events happen, what is refused."""

from __future__ import annotations

import datetime

import frappe
import pytest
from host.orders import CUSTOMER, LINE, NOTE, ORDER, SETTINGS

HIDDEN = {"onload", "has_permission", "before_print"}


def happened(events: list[str]) -> list[str]:
    """Events since the last question."""
    found = [event for event in events if event not in HIDDEN]
    events.clear()
    return found


def test_events_of_every_step(order, events):
    doc = order()
    assert happened(events) == ["before_insert", "before_naming", "autoname", "before_validate", "validate", "before_save",
                                "after_insert", "on_update", "on_change"]  # fmt: skip
    doc.subject = "changed"
    doc.save()
    assert happened(events) == ["before_validate", "validate", "before_save", "on_update", "on_change"]
    doc.submit()
    assert happened(events) == [
        "before_validate",
        "validate",
        "before_submit",
        "on_update",
        "on_submit",
        "on_change",
    ]
    doc.remark = "allowed"
    doc.save()
    assert happened(events) == ["before_update_after_submit", "on_update_after_submit", "on_change"]
    doc.cancel()
    assert happened(events) == ["before_cancel", "on_cancel", "on_change"]
    doc.delete()
    assert happened(events) == ["on_trash", "on_change", "after_delete"]


def test_a_new_document_has_its_defaults(order):
    doc = order()
    assert doc.state == "New" and doc.urgent == 1 and doc.made_by == "Administrator"
    assert str(doc.ordered_on) == frappe.utils.nowdate()
    assert doc.owner == doc.modified_by == "Administrator" and doc.creation and doc.docstatus == 0
    assert not doc.is_new()
    given = order(state="Done", urgent=0, ordered_on="2026-01-02")
    assert given.state == "Done" and given.urgent == 0 and str(given.ordered_on) == "2026-01-02"


def test_values_come_back_in_their_types(order):
    name = order(
        total="12.5",
        count="3",
        share="7.25",
        ordered_at="2026-02-03 04:05:06",
        at_time="07:08:09",
        extra='{"a": [1]}',
    ).name
    doc = frappe.get_doc(ORDER, name)
    assert doc.total == 12.5 and doc.count == 3 and doc.share == 7.25
    assert doc.ordered_at == datetime.datetime(2026, 2, 3, 4, 5, 6)
    assert doc.at_time == datetime.timedelta(hours=7, minutes=8, seconds=9)
    assert isinstance(doc.ordered_on, datetime.date) and frappe.parse_json(doc.extra) == {"a": [1]}
    assert doc.customer is None and doc.urgent == 1


def test_rows_are_numbered_kept_and_deleted_with_their_document(order):
    doc = order(lines=[{"item": "one", "amount": 1}, {"item": "two"}])
    doc.append("lines", {"item": "three"})
    doc.save()
    doc = frappe.get_doc(ORDER, doc.name)
    assert [(row.idx, row.item, row.parent, row.parentfield, row.parenttype) for row in doc.lines] == [
        (number, item, doc.name, "lines", ORDER) for number, item in ((1, "one"), (2, "two"), (3, "three"))
    ]
    names = [row.name for row in doc.lines]
    doc.remove(doc.lines[0])
    doc.lines[0].amount = 5
    doc.save()
    doc.reload()
    assert [(row.idx, row.name) for row in doc.lines] == [(1, names[1]), (2, names[2])]
    assert doc.lines[0].amount == 5 and doc.lines[0].kind == "Good"
    assert doc.get("lines", {"item": "three"})[0].name == names[2]
    doc.set("lines", [])
    doc.save()
    assert frappe.db.count(LINE, {"parent": doc.name}) == 0
    doc.append("lines", {"item": "last"})
    doc.save()
    doc.delete()
    assert frappe.db.count(LINE, {"parent": doc.name}) == 0


def test_values_are_fetched_from_behind_links(order, customer):
    customer("C1", city="Linjiang")
    customer("C2", city="Donghai")
    doc = order(customer="C1", own_city="mine", lines=[{"item": "x", "customer": "C2"}])
    assert (doc.city, doc.own_city, doc.lines[0].city) == ("Linjiang", "mine", "Donghai")
    doc.customer = "C2"
    doc.save()
    assert (doc.city, doc.own_city) == ("Donghai", "mine")
    doc.customer = None
    doc.save()
    assert doc.city == "Donghai"  # what was fetched stays until there is something else to fetch


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"subject": ""}, frappe.MandatoryError),
        ({"subject": "<p> </p>"}, frappe.MandatoryError),
        ({"agent": "nobody"}, frappe.LinkValidationError),
        ({"party_type": "Host Customer", "party": "nobody"}, frappe.LinkValidationError),
        ({"state": "Elsewhere"}, frappe.ValidationError),
        ({"short": "longer than ten"}, frappe.CharacterLengthExceededError),
        ({"subject": "x" * 141}, frappe.CharacterLengthExceededError),
        ({"website": "not an address"}, frappe.ValidationError),
        ({"lines": [{"item": ""}]}, frappe.MandatoryError),
        ({"lines": [{"item": "x", "amount": -1}]}, frappe.NonNegativeError),
        ({"lines": [{"item": "x", "kind": "Ugly"}]}, frappe.ValidationError),
        ({"lines": [{"item": "x", "agent": "nobody"}]}, frappe.LinkValidationError),
    ],
)
def test_what_is_wrong_is_refused(order, values, error):
    with pytest.raises(error):
        order(**values)


def test_checks_can_be_passed_over_by_code(life):
    doc = frappe.get_doc(doctype=ORDER, customer="nobody")
    doc.insert(ignore_mandatory=True, ignore_links=True)
    assert frappe.db.get_value(ORDER, doc.name, "customer") == "nobody"


def test_harmful_markup_is_taken_out(order):
    doc = order(
        subject="<script>alert(1)</script>hello", text="<p onclick='x()'>kept</p><script>gone()</script>"
    )
    assert "<script" not in doc.subject and "hello" in doc.subject
    assert "onclick" not in doc.text and "<script" not in doc.text and "kept" in doc.text


def test_a_value_that_is_set_once_stays(order):
    doc = order(origin="here")
    doc.origin = "there"
    with pytest.raises(frappe.CannotChangeConstantError):
        doc.save()


def test_two_people_who_change_the_same_document(order):
    name = order().name
    mine, yours = frappe.get_doc(ORDER, name), frappe.get_doc(ORDER, name)
    mine.subject = "mine"
    mine.save()
    yours.subject = "yours"
    with pytest.raises(frappe.TimestampMismatchError):
        yours.save()
    yours.reload()
    assert yours.subject == "mine"


class TestStates:
    """Draft, submitted, cancelled."""

    def test_a_submitted_document_keeps_its_values(self, order):
        doc = order(lines=[{"item": "x"}])
        doc.submit()
        assert frappe.db.get_value(ORDER, doc.name, "docstatus") == 1
        assert frappe.db.get_value(LINE, {"parent": doc.name}, "docstatus") == 1
        for change in ({"subject": "other"}, {"lines": []}):
            again = frappe.get_doc(ORDER, doc.name)
            again.update(change)
            with pytest.raises(frappe.UpdateAfterSubmitError):
                again.save()
        again = frappe.get_doc(ORDER, doc.name)
        again.remark = "allowed"
        again.save()
        assert frappe.db.get_value(ORDER, doc.name, "remark") == "allowed"

    @pytest.mark.parametrize(("start", "end"), [(0, 2), (1, 0), (2, 0), (2, 1), (2, 2)])
    def test_other_ways_are_closed(self, order, start, end):
        doc = order()
        if start:
            doc.submit()
        if start == 2:
            doc.cancel()
        doc.docstatus = end
        with pytest.raises((frappe.DocstatusTransitionError, frappe.ValidationError)):
            doc.save()

    def test_a_submitted_document_is_not_deleted(self, order):
        doc = order()
        doc.submit()
        with pytest.raises(frappe.ValidationError):
            doc.delete()
        doc.cancel()
        doc.delete()
        assert not frappe.db.exists(ORDER, doc.name)

    def test_a_cancelled_document_is_amended_under_a_name_of_its_own(self, order):
        doc = order(lines=[{"item": "x"}])
        doc.submit()
        doc.cancel()
        first = frappe.copy_doc(doc)
        first.update({"amended_from": doc.name, "docstatus": 0})
        first.insert()
        assert first.name == f"{doc.name}-1" and first.docstatus == 0
        assert frappe.db.get_value(LINE, {"parent": first.name}, "docstatus") == 0
        first.submit()
        first.cancel()
        second = frappe.copy_doc(first)
        second.update({"amended_from": first.name, "docstatus": 0})
        assert second.insert().name == f"{doc.name}-2"

    def test_a_cancelled_document_is_not_linked_to(self, order, life):
        doc = order()
        doc.submit()
        note = frappe.get_doc(doctype=NOTE, text="about it", order=doc.name).insert()
        doc.cancel()
        note.reload()
        note.text = "changed"
        note.save()  # only a document that is submitted itself may not link to a cancelled one

    def test_a_copy_is_new_and_leaves_behind_what_is_not_copied(self, order):
        doc = order(internal="secret", lines=[{"item": "x"}])
        copy = frappe.copy_doc(doc)
        assert copy.get("name") is None and copy.is_new() and copy.internal == "secret"
        assert frappe.copy_doc(doc, ignore_no_copy=False).internal is None
        copy.docstatus = 0
        copy.insert()
        assert copy.name != doc.name and copy.lines[0].name != doc.lines[0].name


class TestDeletion:
    """What is linked to stays."""

    def test_a_linked_document_is_not_deleted(self, order, customer):
        customer("C1")
        doc = order(customer="C1")
        with pytest.raises(frappe.LinkExistsError):
            frappe.delete_doc(CUSTOMER, "C1")
        doc.delete()
        frappe.delete_doc(CUSTOMER, "C1")
        assert not frappe.db.exists(CUSTOMER, "C1")

    def test_links_of_rows_and_dynamic_links_count(self, order, customer):
        customer("C1")
        customer("C2")
        order(lines=[{"item": "x", "customer": "C1"}], party_type=CUSTOMER, party="C2")
        for name in ("C1", "C2"):
            with pytest.raises(frappe.LinkExistsError):
                frappe.delete_doc(CUSTOMER, name)
        frappe.delete_doc(CUSTOMER, "C1", force=True)
        assert not frappe.db.exists(CUSTOMER, "C1")

    def test_a_missing_document(self, life):
        frappe.delete_doc(CUSTOMER, "nobody", ignore_missing=True)
        with pytest.raises(frappe.DoesNotExistError):
            frappe.delete_doc(CUSTOMER, "nobody", ignore_missing=False)
        with pytest.raises(frappe.DoesNotExistError):
            frappe.get_doc(CUSTOMER, "nobody")


class TestRenaming:
    """A new name, everywhere."""

    def test_links_follow(self, order, customer):
        customer("C1")
        doc = order(customer="C1", party_type=CUSTOMER, party="C1", lines=[{"item": "x", "customer": "C1"}])
        assert frappe.rename_doc(CUSTOMER, "C1", "C9") == "C9"
        doc.reload()
        assert (doc.customer, doc.party, doc.lines[0].customer) == ("C9", "C9", "C9")
        assert frappe.db.get_value(CUSTOMER, "C9", "code") == "C9" and not frappe.db.exists(CUSTOMER, "C1")

    def test_into_another(self, order, customer):
        customer("C1")
        customer("C2")
        doc = order(customer="C1")
        with pytest.raises(frappe.ValidationError):
            frappe.rename_doc(CUSTOMER, "C1", "C2")
        frappe.rename_doc(CUSTOMER, "C1", "C2", merge=True)
        doc.reload()
        assert doc.customer == "C2" and not frappe.db.exists(CUSTOMER, "C1")

    def test_only_where_it_is_allowed(self, life):
        frappe.set_user("host.clerk@host.example")
        note = frappe.get_doc(doctype=NOTE, text="x").insert()
        with pytest.raises(frappe.ValidationError):
            frappe.rename_doc(NOTE, note.name, "another")


class TestVersions:
    """What changed, who, when."""

    def versions(self, doc) -> list[dict]:
        rows = frappe.get_all(
            "Version", filters={"docname": doc.name}, fields=["data", "owner"], order_by="creation"
        )
        return [frappe.parse_json(row.data) for row in rows]

    def test_changes_of_fields_and_rows(self, order):
        doc = order(lines=[{"item": "one"}, {"item": "two"}])
        doc.subject = "changed"
        doc.lines[0].amount = 3
        doc.remove(doc.lines[1])
        doc.append("lines", {"item": "three"})
        doc.save(ignore_version=False)
        kept = [entry for entry in self.versions(doc) if entry.get("changed")][-1]
        assert ["subject", "an order", "changed"] in [list(change) for change in kept["changed"]]
        assert kept["row_changed"][0][0] == "lines" and kept["row_changed"][0][3][0][0] == "amount"
        assert len(kept["added"]) == 1 and kept["added"][0][1]["item"] == "three"
        assert len(kept["removed"]) == 1 and kept["removed"][0][1]["item"] == "two"

    def test_nothing_changed_nothing_kept(self, order):
        doc = order()
        before = len(self.versions(doc))
        frappe.get_doc(ORDER, doc.name).save(ignore_version=False)
        assert len(self.versions(doc)) == before

    def test_states_are_changes(self, order):
        doc = order()
        doc.docstatus = 1
        doc.save(ignore_version=False)
        assert any(
            "docstatus" in [change[0] for change in entry.get("changed", [])] for entry in self.versions(doc)
        )


class TestSingles:
    """A DocType with one document."""

    def test_defaults_and_values(self, life):
        doc = frappe.get_single(SETTINGS)
        doc.update({"greeting": "good morning", "limit": 3, "open": 1})
        doc.save()
        assert frappe.db.get_single_value(SETTINGS, "limit") == 3
        assert frappe.get_doc(SETTINGS).greeting == "good morning"
        frappe.db.set_single_value(SETTINGS, "limit", 4)
        assert frappe.db.get_value(SETTINGS, None, "limit") in (4, "4")
        assert frappe.get_cached_doc(SETTINGS).limit == 4


def test_values_written_past_the_document(order):
    doc = order()
    before = doc.modified
    doc.db_set("remark", "quick")
    assert frappe.db.get_value(ORDER, doc.name, "remark") == "quick"
    frappe.db.set_value(ORDER, doc.name, {"remark": "quicker", "count": 3}, update_modified=False)
    assert frappe.db.get_value(ORDER, doc.name, ["remark", "count"]) == ("quicker", 3)
    assert str(before) <= str(doc.modified)
    doc.reload()
    assert doc.remark == "quicker"


def test_questions_about_what_changed(order, monkeypatch):
    from frappe.model.document import Document

    answers = {}
    doc = frappe.get_doc(ORDER, order(count=1).name)
    run_method = Document.run_method

    def asked(self, method, *args, **kwargs):
        if method == "validate" and self.doctype == ORDER:
            answers["subject"] = self.has_value_changed("subject")
            answers["count"] = self.has_value_changed("count")
            answers["before"] = self.get_doc_before_save().subject
        return run_method(self, method, *args, **kwargs)

    monkeypatch.setattr(Document, "run_method", asked)
    doc.subject = "changed"
    doc.save()
    assert answers == {"subject": True, "count": False, "before": "an order"}


class TestLevels:
    """Fields of a higher level."""

    def test_they_are_neither_set_nor_changed_without_the_right(self, life):
        frappe.set_user("host.clerk@host.example")
        doc = frappe.get_doc(doctype=ORDER, subject="mine", secret_price=5).insert()
        assert not frappe.db.get_value(ORDER, doc.name, "secret_price")
        frappe.db.set_value(ORDER, doc.name, "secret_price", 9)
        doc.reload()
        doc.secret_price = 1
        doc.save()
        assert frappe.db.get_value(ORDER, doc.name, "secret_price") == 9
        frappe.set_user("host.chief@host.example")
        doc.reload()
        doc.secret_price = 1
        doc.save()
        assert frappe.db.get_value(ORDER, doc.name, "secret_price") == 1

    def test_who_may_not_submit(self, life):
        frappe.set_user("host.clerk@host.example")
        doc = frappe.get_doc(doctype=ORDER, subject="mine").insert()
        with pytest.raises(frappe.PermissionError):
            doc.submit()
        frappe.set_user("host.chief@host.example")
        frappe.get_doc(ORDER, doc.name).submit()


def test_what_belongs_to_a_document(order):
    doc = order()
    doc.add_comment("Comment", "a remark")
    assert frappe.get_all(
        "Comment", {"reference_name": doc.name, "comment_type": "Comment"}, pluck="content"
    ) == ["a remark"]
    doc.add_tag("urgent")
    assert doc.get_tags() == ["urgent"]
    assert doc.get_title() == doc.name and doc.get_formatted("ordered_on")
    assert doc.as_dict()["doctype"] == ORDER and frappe.parse_json(doc.as_json())["subject"] == "an order"
