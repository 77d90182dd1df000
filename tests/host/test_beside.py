"""What stands beside a document: comments, tags, likes, assignments, shares, who saw it, notes of errors."""

from __future__ import annotations

import json

import frappe
import pytest
from frappe.desk.form import assign_to
from frappe.desk.form.utils import add_comment, get_next, update_comment
from frappe.share import add as share
from frappe.share import get_users, remove, set_permission
from host.kit import ALL_RIGHTS, CHIEF, CLERK, field, rule

TOPIC = "Host Topic"
CLERK_MAIL, CHIEF_MAIL, NOBODY = (
    "host.clerk@host.example",
    "host.chief@host.example",
    "host.nobody@host.example",
)


@pytest.fixture(scope="module")
def made(make_doctype):
    make_doctype(TOPIC, [field("subject"), field("body", "Text"), field("weight", "Float"), field("price", "Currency"), field("private", permlevel=1)],
                 [rule(CLERK, *ALL_RIGHTS), rule(CHIEF, *ALL_RIGHTS), rule(CHIEF, "read", "write", permlevel=1)], autoname="hash", title_field="subject", track_seen=1, track_views=1,
                 track_changes=1, allow_rename=1)  # fmt: skip


@pytest.fixture
def topic(made, site):
    return frappe.get_doc(doctype=TOPIC, subject="a topic").insert()


def fresh(doc):
    return frappe.get_doc(doc.doctype, doc.name)


class TestComments:
    def test_by_the_document(self, topic):
        comment = topic.add_comment("Comment", "well said")
        assert (comment.comment_type, comment.content, comment.reference_doctype, comment.reference_name) == (
            "Comment",
            "well said",
            TOPIC,
            topic.name,
        )
        assert comment.comment_email == "Administrator"
        assert json.loads(frappe.db.get_value(TOPIC, topic.name, "_comments"))[0]["comment"] == "well said"
        assert fresh(topic).get("_comments")

    def test_other_kinds_are_no_remarks(self, topic):
        topic.add_comment("Info", "happened")
        assert not frappe.db.get_value(TOPIC, topic.name, "_comments")

    def test_a_deleted_comment_is_forgotten(self, topic):
        comment = topic.add_comment("Comment", "well said")
        comment.delete()
        assert json.loads(frappe.db.get_value(TOPIC, topic.name, "_comments") or "[]") == []

    def test_over_the_form(self, topic, as_user):
        as_user("clerk")
        comment = add_comment(TOPIC, topic.name, "<p>hello</p><script>x()</script>", CLERK_MAIL, "Clerk")
        assert comment.owner == CLERK_MAIL and "<script" not in comment.content
        update_comment(comment.name, "<p>changed</p>")
        assert "changed" in frappe.db.get_value("Comment", comment.name, "content")
        as_user("chief")
        with pytest.raises(frappe.PermissionError):
            update_comment(comment.name, "mine")

    def test_only_where_one_may_read(self, topic, as_user):
        as_user("nobody")
        with pytest.raises(frappe.PermissionError):
            add_comment(TOPIC, topic.name, "x", NOBODY, "Nobody")


class TestTags:
    def test_by_the_document(self, topic):
        topic.add_tag("urgent")
        topic.add_tag("new")
        topic.add_tag("urgent")
        assert sorted(fresh(topic).get_tags()) == ["new", "urgent"]
        topic.remove_tag("new")
        assert fresh(topic).get_tags() == ["urgent"]

    def test_over_the_list(self, topic):
        from frappe.desk.doctype.tag.tag import add_tag, add_tags, get_tags, remove_tag

        assert add_tag("host blue", TOPIC, topic.name) == "host blue"
        add_tags(json.dumps(["host red"]), TOPIC, json.dumps([topic.name]))
        assert frappe.db.get_value(TOPIC, topic.name, "_user_tags") == ",host blue,host red"
        assert sorted(get_tags(TOPIC, "host ")) == ["host blue", "host red"]
        assert frappe.db.exists("Tag", "host blue") and frappe.db.exists(
            "Tag Link", {"document_name": topic.name, "tag": "host red"}
        )
        remove_tag("host blue", TOPIC, topic.name)
        assert frappe.db.get_value(TOPIC, topic.name, "_user_tags").strip(",") == "host red"
        assert frappe.get_list(TOPIC, {"_user_tags": ["like", "%host red%"]}, pluck="name") == [topic.name]


class TestLikes:
    def test_on_and_off(self, topic, as_user):
        from frappe.desk.like import toggle_like

        as_user("clerk")
        toggle_like(TOPIC, topic.name, "Yes")
        assert json.loads(frappe.db.get_value(TOPIC, topic.name, "_liked_by")) == [CLERK_MAIL]
        assert fresh(topic).get_liked_by() == [CLERK_MAIL]
        assert frappe.db.exists(
            "Comment", {"reference_name": topic.name, "comment_type": "Like", "owner": CLERK_MAIL}
        )
        toggle_like(TOPIC, topic.name, "No")
        assert json.loads(frappe.db.get_value(TOPIC, topic.name, "_liked_by")) == []
        assert not frappe.db.exists("Comment", {"reference_name": topic.name, "comment_type": "Like"})


class TestAssignment:
    def test_given_listed_and_closed(self, topic, as_user):
        answer = assign_to.add(
            {
                "doctype": TOPIC,
                "name": topic.name,
                "assign_to": [CLERK_MAIL, CHIEF_MAIL],
                "description": "do it",
                "priority": "High",
                "date": "2030-01-01",
            }
        )
        assert {row["owner"] for row in answer} == {CLERK_MAIL, CHIEF_MAIL}
        assert set(json.loads(frappe.db.get_value(TOPIC, topic.name, "_assign"))) == {CLERK_MAIL, CHIEF_MAIL}
        todo = frappe.get_doc("ToDo", {"reference_name": topic.name, "allocated_to": CLERK_MAIL})
        assert (todo.status, todo.priority, str(todo.date), todo.assigned_by) == (
            "Open",
            "High",
            "2030-01-01",
            "Administrator",
        ) and "do it" in todo.description
        assert topic.get_assigned_users() == {CLERK_MAIL, CHIEF_MAIL}
        assign_to.remove(TOPIC, topic.name, CHIEF_MAIL)
        assert json.loads(frappe.db.get_value(TOPIC, topic.name, "_assign")) == [CLERK_MAIL]
        assert (
            frappe.db.get_value("ToDo", {"reference_name": topic.name, "allocated_to": CHIEF_MAIL}, "status")
            == "Cancelled"
        )
        as_user("clerk")
        assign_to.close(TOPIC, topic.name, CLERK_MAIL)
        assert frappe.db.get_value("ToDo", todo.name, "status") == "Closed"
        assert json.loads(frappe.db.get_value(TOPIC, topic.name, "_assign") or "[]") == []

    def test_nobody_closes_for_another(self, topic, as_user):
        assign_to.add({"doctype": TOPIC, "name": topic.name, "assign_to": [CLERK_MAIL]})
        as_user("chief")
        with pytest.raises(frappe.ValidationError):
            assign_to.close(TOPIC, topic.name, CLERK_MAIL)

    def test_twice_is_once(self, topic):
        for _time in range(2):
            assign_to.add({"doctype": TOPIC, "name": topic.name, "assign_to": [CLERK_MAIL]})
        assert frappe.db.count("ToDo", {"reference_name": topic.name, "status": "Open"}) == 1

    def test_who_cannot_read_gets_a_share(self, topic):
        assign_to.add({"doctype": TOPIC, "name": topic.name, "assign_to": [NOBODY]})
        assert frappe.db.get_value("DocShare", {"share_name": topic.name, "user": NOBODY}, "read") == 1

    def test_a_notice_is_left(self, topic):
        assign_to.add({"doctype": TOPIC, "name": topic.name, "assign_to": [CLERK_MAIL]})
        assert frappe.db.exists(
            "Notification Log", {"for_user": CLERK_MAIL, "type": "Assignment", "document_name": topic.name}
        )
        assert frappe.db.exists("Comment", {"reference_name": topic.name, "comment_type": "Assigned"})

    def test_many_at_once(self, topic):
        other = frappe.get_doc(doctype=TOPIC, subject="other").insert()
        assign_to.add_multiple(
            {
                "doctype": TOPIC,
                "name": json.dumps([topic.name, other.name]),
                "assign_to": [CLERK_MAIL],
                "bulk_assign": True,
            }
        )
        assert (
            frappe.db.count("ToDo", {"reference_name": ["in", [topic.name, other.name]], "status": "Open"})
            == 2
        )


class TestShares:
    def test_a_share_opens_a_document(self, topic, as_user):
        as_user("nobody")
        assert not fresh(topic).has_permission("read")
        as_user("Administrator")
        share(TOPIC, topic.name, NOBODY, write=0)
        as_user("nobody")
        assert topic.has_permission("read") and not topic.has_permission("write")
        assert frappe.get_list(TOPIC, pluck="name") == [topic.name]
        as_user("Administrator")
        set_permission(TOPIC, topic.name, NOBODY, "write", 1)
        row = next(row for row in get_users(TOPIC, topic.name) if row.user == NOBODY)
        assert (row.read, row.write, row.share, row.everyone) == (1, 1, 0, 0)
        set_permission(TOPIC, topic.name, NOBODY, "read", 0)
        assert not [row for row in get_users(TOPIC, topic.name) if row.user == NOBODY]

    def test_a_share_is_taken_back(self, topic, as_user):
        share(TOPIC, topic.name, NOBODY, write=1)
        remove(TOPIC, topic.name, NOBODY)
        as_user("nobody")
        assert not topic.has_permission("read")

    def test_who_may_not_share(self, topic, as_user):
        as_user("nobody")
        with pytest.raises(frappe.PermissionError):
            share(TOPIC, topic.name, NOBODY)

    def test_a_right_that_the_doctype_does_not_know(self, topic, as_user):
        as_user("clerk")
        with pytest.raises(frappe.ValidationError):
            share(TOPIC, topic.name, NOBODY, submit=1)

    def test_with_everyone(self, topic, as_user):
        share(TOPIC, topic.name, everyone=1)
        as_user("nobody")
        assert topic.has_permission("read")

    def test_a_notice_is_left(self, topic):
        share(TOPIC, topic.name, CLERK_MAIL, notify=1)
        assert frappe.db.exists("Comment", {"reference_name": topic.name, "comment_type": "Shared"})


class TestSeen:
    def test_views_are_kept(self, topic, as_user):
        as_user("clerk")
        topic.add_viewed()
        assert frappe.db.get_value("View Log", {"reference_name": topic.name}, "viewed_by") == CLERK_MAIL

    def test_who_has_seen_it(self, topic, as_user):
        as_user("clerk")
        topic.add_seen()
        topic.add_seen()
        assert json.loads(frappe.db.get_value(TOPIC, topic.name, "_seen")) == [CLERK_MAIL]


class TestMethods:
    def test_its_numbers_are_rounded(self, made, site):
        doc = frappe.get_doc(doctype=TOPIC, weight=1.23456, price=2.34567)
        doc.round_floats_in(doc)
        assert (doc.weight, doc.price) == (1.235, 2.35)
        doc.weight = 1.23456
        doc.round_floats_in(doc, ["price"])
        assert doc.weight == 1.23456

    def test_a_locked_document_is_not_saved(self, topic):
        topic.lock()
        try:
            assert topic.is_locked
            with pytest.raises(frappe.DocumentLockedError):
                fresh(topic).save()
            with pytest.raises(frappe.DocumentLockedError):
                fresh(topic).lock()
        finally:
            topic.unlock()
        fresh(topic).save()

    def test_levels(self, topic, as_user):
        as_user("clerk")
        doc = fresh(topic)
        assert doc.get_permlevel_access("read") == [0] and not doc.has_permlevel_access_to(
            "private", permission_type="read"
        )
        as_user("chief")
        assert sorted(fresh(topic).get_permlevel_access("read")) == [0, 1] and fresh(
            topic
        ).has_permlevel_access_to("private", permission_type="write")

    def test_what_is_stored(self, topic):
        topic.subject = "changed"
        assert topic.get_db_value("subject") == "a topic" == topic.db_get("subject")
        assert topic.get_value("subject") == "changed"
        assert (
            {"name", "owner", "creation", "modified", "modified_by", "docstatus", "idx", "subject"}
            <= set(topic.get_valid_dict())
            <= set(topic.get_valid_columns()) | {"doctype"}
        )

    def test_titles_and_addresses(self, topic):
        assert topic.get_title() == "a topic" and topic.get_url().endswith(f"/app/host-topic/{topic.name}")
        assert topic.get_signature() == topic.get_signature()

    def test_values_by_field(self, topic):
        assert topic.cast("3", topic.meta.get_field("weight")) == 3.0

    def test_states(self, topic):
        assert (
            topic.docstatus.is_draft()
            and not topic.docstatus.is_submitted()
            and not topic.docstatus.is_cancelled()
        )
        topic.docstatus = 1
        assert topic.docstatus.is_submitted() and topic.docstatus == 1

    def test_neighbours(self, topic):
        later = frappe.get_doc(doctype=TOPIC, subject="later").insert()
        frappe.db.set_value(TOPIC, topic.name, "weight", 1)
        frappe.db.set_value(TOPIC, later.name, "weight", 2)
        ask = {"doctype": TOPIC, "filters": "[]", "sort_order": "asc", "sort_field": "weight"}
        assert get_next(value=topic.name, prev=0, **ask) == later.name
        assert get_next(value=later.name, prev=1, **ask) == topic.name
        assert get_next(value=later.name, prev=0, **ask) is None
