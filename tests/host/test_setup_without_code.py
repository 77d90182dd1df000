"""What an administrator changes without code: rights, properties, restored records, translations, limits of users."""

from __future__ import annotations

import json

import frappe
import pytest
from frappe.permissions import add_permission, add_user_permission, reset_perms, update_permission_property
from host.kit import ALL_RIGHTS, CHIEF, CLERK, email, field, rule

CITY, SHOP, SHELF = "Host City", "Host Shop", "Host Shelf"


@pytest.fixture(scope="module")
def made(make_doctype):
    make_doctype(
        CITY,
        [field("title", unique=1)],
        [rule(CLERK, *ALL_RIGHTS), rule(CHIEF, "read")],
        autoname="field:title",
        allow_rename=1,
    )
    make_doctype(SHELF, [field("item"), field("city", "Link", options=CITY)], [], istable=1)
    make_doctype(
        SHOP, [field("title"), field("city", "Link", options=CITY), field("other_city", "Link", options=CITY, ignore_user_permissions=1), field("party_type", "Link", options="DocType"),
               field("party", "Dynamic Link", options="party_type"), field("amount", "Int"), field("shelves", "Table", options=SHELF)],
        [rule(CLERK, *ALL_RIGHTS), rule(CHIEF, "read")], autoname="hash", track_changes=1, allow_rename=1, title_field="title",
    )  # fmt: skip
    for name in ("east", "west"):
        frappe.get_doc(doctype=CITY, title=name).insert()
    frappe.db.commit()


@pytest.fixture
def shop(made, site):
    def make(**values):
        return frappe.get_doc({"doctype": SHOP, "title": "shop", **values}).insert()

    return make


class TestRights:
    def test_own_rules_take_the_place_of_the_doctypes(self, shop, as_user):
        shop()
        as_user("nobody")
        assert not frappe.has_permission(SHOP)
        as_user("Administrator")
        add_permission(SHOP, "All", 0)
        as_user("nobody")
        assert frappe.has_permission(SHOP) and not frappe.has_permission(SHOP, "write")
        as_user("clerk")
        assert frappe.has_permission(SHOP, "write")

    def test_one_right_is_changed(self, shop, as_user):
        update_permission_property(SHOP, CHIEF, 0, "write", 1)
        as_user("chief")
        assert frappe.has_permission(SHOP, "write") and not frappe.has_permission(SHOP, "delete")
        as_user("Administrator")
        update_permission_property(SHOP, CHIEF, 0, "read", 0)
        update_permission_property(SHOP, CHIEF, 0, "write", 0)
        as_user("chief")
        assert not frappe.has_permission(SHOP, "write")

    def test_back_to_the_beginning(self, shop, as_user):
        add_permission(SHOP, "All", 0)
        reset_perms(SHOP)
        as_user("nobody")
        assert not frappe.has_permission(SHOP)
        assert not frappe.db.exists("Custom DocPerm", {"parent": SHOP})

    def test_over_the_page(self, shop, as_user):
        from frappe.core.page.permission_manager.permission_manager import (
            add,
            get_permissions,
            remove,
            reset,
            update,
        )

        add(SHOP, "All", 0)
        rules = {(row.role, row.permlevel): row for row in get_permissions(SHOP)}
        assert rules["All", 0].read == 1
        update(SHOP, "All", 0, "write", 1)
        as_user("nobody")
        assert frappe.has_permission(SHOP, "write")
        as_user("Administrator")
        remove(SHOP, "All", 0)
        as_user("nobody")
        assert not frappe.has_permission(SHOP)
        as_user("Administrator")
        reset(SHOP)

    def test_only_for_who_may(self, shop, as_user, monkeypatch):
        from frappe.core.page.permission_manager.permission_manager import add

        monkeypatch.setitem(frappe.flags, "in_test", False)
        as_user("clerk")
        with pytest.raises(frappe.PermissionError):
            add(SHOP, "All", 0)


class TestLimitsOfUsers:
    def test_rows_documents_and_links(self, shop, as_user):
        here, there, nowhere = shop(city="east"), shop(city="west"), shop()
        add_user_permission(CITY, "east", email("clerk"))
        as_user("clerk")
        names = set(frappe.get_list(SHOP, pluck="name"))
        assert here.name in names and there.name not in names and nowhere.name in names
        assert here.has_permission("read") and not there.has_permission("read")
        assert frappe.get_list(CITY, pluck="name") == ["east"]
        with pytest.raises(frappe.PermissionError):
            shop(city="west")

    def test_fields_that_ignore_them(self, shop, as_user):
        doc = shop(other_city="west")
        add_user_permission(CITY, "east", email("clerk"))
        as_user("clerk")
        assert doc.has_permission("read")

    def test_for_one_doctype_only(self, shop, as_user):
        doc = shop(city="west")
        add_user_permission(CITY, "east", email("clerk"), applicable_for=CITY)
        as_user("clerk")
        assert doc.has_permission("read") and frappe.get_list(CITY, pluck="name") == ["east"]

    def test_twice_is_refused(self, made, site):
        add_user_permission(CITY, "east", email("clerk"))
        with pytest.raises(frappe.DuplicateEntryError):
            frappe.get_doc(
                doctype="User Permission",
                user=email("clerk"),
                allow=CITY,
                for_value="east",
                apply_to_all_doctypes=1,
            ).insert()

    def test_gone_again(self, shop, as_user):
        from frappe.permissions import remove_user_permission

        doc = shop(city="west")
        add_user_permission(CITY, "east", email("clerk"))
        remove_user_permission(CITY, "east", email("clerk"))
        as_user("clerk")
        assert doc.has_permission("read")


class TestProperties:
    def test_make_property_setter(self, shop):
        from frappe.custom.doctype.property_setter.property_setter import make_property_setter

        make_property_setter(SHOP, "title", "reqd", 1, "Check")
        frappe.clear_cache(doctype=SHOP)
        with pytest.raises(frappe.MandatoryError):
            shop(title=None)
        make_property_setter(SHOP, "title", "default", "preset", "Text")
        frappe.clear_cache(doctype=SHOP)
        assert frappe.get_meta(SHOP).get_field("title").default == "preset"

    def test_of_the_doctype(self, shop):
        from frappe.custom.doctype.property_setter.property_setter import make_property_setter

        make_property_setter(SHOP, None, "title_field", "amount", "Data", for_doctype=True)
        frappe.clear_cache(doctype=SHOP)
        assert frappe.get_meta(SHOP).title_field == "amount"

    def test_twice_is_once(self, shop):
        from frappe.custom.doctype.property_setter.property_setter import make_property_setter

        for value in ("one", "two"):
            make_property_setter(SHOP, "title", "description", value, "Text")
        assert frappe.get_all(
            "Property Setter",
            {"doc_type": SHOP, "field_name": "title", "property": "description"},
            pluck="value",
        ) == ["two"]


class TestCustomFields:
    def test_many_at_once(self, shop):
        from frappe.custom.doctype.custom_field.custom_field import create_custom_fields

        fields = {
            SHOP: [
                {"fieldname": "phone_no", "label": "Phone No", "fieldtype": "Data", "insert_after": "title"},
                {"fieldname": "rank", "label": "Rank", "fieldtype": "Int", "default": "3"},
            ]
        }
        create_custom_fields(fields)
        create_custom_fields(fields)
        names = [entry.fieldname for entry in frappe.get_meta(SHOP).fields]
        assert names.index("phone_no") == names.index("title") + 1 and names.count("rank") == 1
        assert shop(phone_no="1").rank == 3

    def test_one(self, shop):
        from frappe.custom.doctype.custom_field.custom_field import create_custom_field

        create_custom_field(SHOP, {"fieldname": "zip", "label": "Zip", "fieldtype": "Data"})
        assert frappe.db.get_value("Custom Field", f"{SHOP}-zip", "dt") == SHOP
        with pytest.raises(frappe.ValidationError):
            frappe.get_doc(
                doctype="Custom Field", dt=SHOP, fieldname="title", label="Title", fieldtype="Data"
            ).insert()


class TestDeletion:
    def test_kept_and_restored(self, shop):
        from frappe.core.doctype.deleted_document.deleted_document import restore

        doc = shop(title="lost", shelves=[{"item": "one"}])
        frappe.delete_doc(SHOP, doc.name)
        kept = frappe.get_last_doc("Deleted Document", {"deleted_doctype": SHOP, "deleted_name": doc.name})
        assert json.loads(kept.data)["title"] == "lost" and not kept.restored
        restore(kept.name)
        restored, name = frappe.db.get_value("Deleted Document", kept.name, ["restored", "new_name"])
        back = frappe.get_doc(SHOP, name)
        assert restored and back.title == "lost" and back.shelves[0].item == "one"
        with pytest.raises(frappe.DocumentAlreadyRestored):
            restore(kept.name)

    def test_what_links_holds(self, shop):
        doc = shop(city="east")
        with pytest.raises(frappe.LinkExistsError):
            frappe.delete_doc(CITY, "east")
        doc.city = None
        doc.append("shelves", {"city": "east"})
        doc.save()
        with pytest.raises(frappe.LinkExistsError):
            frappe.delete_doc(CITY, "east")
        doc.shelves = []
        doc.party_type, doc.party = CITY, "east"
        doc.save()
        with pytest.raises(frappe.LinkExistsError):
            frappe.delete_doc(CITY, "east")
        frappe.delete_doc(CITY, "east", force=True)

    def test_what_belongs_to_it_goes_along(self, shop):
        doc = shop()
        doc.add_comment("Comment", "x")
        doc.add_tag("host tag")
        frappe.delete_doc(SHOP, doc.name)
        assert not frappe.db.exists(
            "Comment", {"reference_doctype": SHOP, "reference_name": doc.name, "comment_type": "Comment"}
        )
        assert not frappe.db.exists("Tag Link", {"document_type": SHOP, "document_name": doc.name})


class TestRenaming:
    def test_everything_that_points_there_follows(self, shop):
        doc = shop(city="east", party_type=CITY, party="east", shelves=[{"item": "a", "city": "east"}])
        city = frappe.get_doc(CITY, "east")
        comment = city.add_comment("Comment", "said")
        frappe.rename_doc(CITY, "east", "orient")
        doc.reload()
        assert (doc.city, doc.party, doc.shelves[0].city) == ("orient", "orient", "orient")
        assert frappe.db.get_value("Comment", comment.name, "reference_name") == "orient"
        assert frappe.db.get_value(CITY, "orient", "title") == "orient" and not frappe.db.exists(CITY, "east")

    def test_merged(self, shop):
        one, two = shop(city="east"), shop(city="west")
        frappe.rename_doc(CITY, "east", "west", merge=True)
        assert {frappe.db.get_value(SHOP, doc.name, "city") for doc in (one, two)} == {
            "west"
        } and not frappe.db.exists(CITY, "east")

    def test_refused(self, shop, as_user):
        with pytest.raises(frappe.ValidationError):
            frappe.rename_doc(CITY, "east", "west")
        with pytest.raises(frappe.ValidationError):
            frappe.rename_doc(CITY, "east", "nowhere", merge=True)
        as_user("chief")
        with pytest.raises(frappe.ValidationError):
            frappe.rename_doc(CITY, "east", "other")


class TestTranslations:
    def test_of_the_site(self, made, site):
        frappe.get_doc(
            doctype="Translation", language="zh", source_text="Host sentence", translated_text="Host-Satz"
        ).insert()
        assert (
            frappe._("Host sentence", "zh") == "Host-Satz"
            and frappe._("Host sentence", "fr") == "Host sentence"
        )


class TestSettings:
    def test_defaults_follow_the_settings(self, site):
        doc = frappe.get_doc("System Settings")
        doc.flags.ignore_mandatory = True
        doc.float_precision, doc.date_format = "4", "yyyy-mm-dd"
        doc.save()
        assert (
            frappe.db.get_default("float_precision") == "4"
            and frappe.db.get_single_value("System Settings", "float_precision") == "4"
        )

    def test_users_defaults(self, made, as_user):
        frappe.defaults.set_user_default("host_key", "mine", email("clerk"))
        frappe.defaults.set_global_default("host_key", "all")
        assert frappe.defaults.get_global_default("host_key") == "all"
        as_user("clerk")
        assert (
            frappe.defaults.get_user_default("host_key") == "mine"
            and frappe.defaults.get_defaults()["host_key"] == "mine"
        )
        frappe.defaults.clear_user_default("host_key")
        assert frappe.defaults.get_user_default("host_key") == "all"
