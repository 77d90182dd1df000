"""What a DocType may ask for: names, defaults, trees, virtual records, limits, lists, changes."""

from __future__ import annotations

import re

import frappe
import pytest
from host.kit import ALL_RIGHTS, CHIEF, CLERK, field, rule

PLACE, THING, PART, ONCE, CHANGING = "Host Place", "Host Thing", "Host Part", "Host Once", "Host Changing"
CLERK_MAIL = "host.clerk@host.example"


@pytest.fixture(scope="module")
def made(make_doctype):
    make_doctype(
        PLACE, [field("title"), field("parent_host_place", "Link", options=PLACE, ignore_user_permissions=1), field("is_group", "Check"),
                field("lft", "Int", hidden=1), field("rgt", "Int", hidden=1), field("old_parent", "Link", options=PLACE, hidden=1)],
        autoname="field:title", is_tree=1, nsm_parent_field="parent_host_place", allow_rename=1,
    )  # fmt: skip
    make_doctype(
        PART,
        [
            field("item", reqd=1, in_list_view=1),
            field("qty", "Int", default="1"),
            field("place", "Link", options=PLACE),
        ],
        [],
        istable=1,
    )
    make_doctype(
        THING,
        [field("code", unique=1), field("subject", in_list_view=1, in_global_search=1), field("kind", "Select", options="A\nB", in_standard_filter=1),
         field("place", "Link", options=PLACE), field("title_of_place", fetch_from="place.title"), field("own_title", fetch_from="place.title", fetch_if_empty=1),
         field("made_by", default="__user"), field("made_by_too", "Link", options="User", default="__user"), field("on_day", "Date", default="Today"),
         field("at_moment", "Datetime", default="Now"), field("number", "Int", default="7"), field("ratio", "Float", default="0.5", precision="4"),
         field("flag", "Check", default="1"), field("text", "Small Text", default="given"), field("once", set_only_once=1), field("not_copied", no_copy=1),
         field("needed", mandatory_depends_on="eval:doc.kind=='B'"), field("reason", depends_on="eval:doc.kind=='B'"), field("computed", "Int", is_virtual=1),
         field("parts", "Table", options=PART), field("needed_always", reqd=0)],
        [rule(CLERK, *ALL_RIGHTS), rule(CHIEF, *ALL_RIGHTS, "import")],
        autoname="HT-.#####", title_field="subject", search_fields="code,kind", sort_field="code", sort_order="ASC", track_changes=1, max_attachments=1,
        image_field="", allow_rename=1, quick_entry=1, show_title_field_in_link=1, translated_doctype=0, default_print_format=None, allow_import=1, document_type="Document",
        actions=[{"label": "Do", "action_type": "Server Action", "action": "frappe.ping"}], links=[{"link_doctype": PLACE, "link_fieldname": "title", "group": "Places"}],
        states=[{"title": "A", "color": "Blue"}],
    )  # fmt: skip
    for name in ("north", "south"):
        frappe.get_doc(doctype=PLACE, title=name, is_group=1).insert()
    frappe.db.commit()


@pytest.fixture
def thing(made, site):
    def make(**values):
        return frappe.get_doc({"doctype": THING, "subject": "a thing", **values}).insert()

    return make


class TestDefaults:
    def test_words_stand_for_values(self, thing):
        doc = thing()
        assert (doc.made_by, doc.made_by_too, doc.number, doc.ratio, doc.flag, doc.text) == (
            "Administrator",
            "Administrator",
            7,
            0.5,
            1,
            "given",
        )
        assert str(doc.on_day) == frappe.utils.nowdate() and str(doc.at_moment)[:10] == frappe.utils.nowdate()

    def test_rows_have_theirs(self, thing):
        assert thing(parts=[{"item": "x"}]).parts[0].qty == 1

    def test_given_values_stay(self, thing):
        doc = thing(number=0, flag=0, text="")
        assert (doc.number, doc.flag, doc.text) == (0, 0, "")

    def test_a_users_default_fills_a_link(self, thing, as_user):
        frappe.defaults.set_user_default("place", "south", CLERK_MAIL)
        as_user("clerk")
        assert frappe.new_doc(THING).place == "south"

    def test_permissions_of_a_user_fill_a_link(self, made, as_user):
        from frappe.permissions import add_user_permission

        add_user_permission(PLACE, "south", CLERK_MAIL, is_default=1)
        as_user("clerk")
        assert frappe.new_doc(THING).place == "south"


class TestFetching:
    def test_from_behind_a_link(self, thing):
        doc = thing(place="north")
        assert (doc.title_of_place, doc.own_title) == ("north", "north")
        doc.own_title = "mine"
        doc.place = "south"
        doc.save()
        assert (doc.title_of_place, doc.own_title) == ("south", "mine")

    def test_an_entered_value_is_replaced(self, thing):
        assert thing(place="north", title_of_place="forged").title_of_place == "north"
        assert thing(place="north", own_title="mine").own_title == "mine"

    def test_an_empty_link_leaves_what_is_there(self, thing):
        doc = thing(place="north")
        doc.place = None
        doc.save()
        assert doc.title_of_place in ("north", None)


class TestLimits:
    def test_once(self, thing):
        doc = thing(once="a")
        doc.once = "b"
        with pytest.raises(frappe.CannotChangeConstantError):
            doc.save()

    def test_once_may_be_set_later(self, thing):
        doc = thing()
        doc.once = "later"
        with pytest.raises(frappe.CannotChangeConstantError):
            doc.save()

    def test_unique(self, thing):
        thing(code="c1")
        with pytest.raises(frappe.UniqueValidationError):
            thing(code="c1")
        thing(code=""), thing(code=""), thing(), thing()

    def test_conditions_of_a_form_are_the_forms(self, thing):
        doc = thing(kind="B", reason="why")
        assert doc.kind == "B" and not doc.needed

    def test_a_row_needs_what_it_needs(self, thing):
        with pytest.raises(frappe.MandatoryError):
            thing(parts=[{"qty": 2}])

    def test_no_copy(self, thing):
        doc = thing(not_copied="x", code="c2", parts=[{"item": "p"}])
        fresh = frappe.copy_doc(doc)
        assert fresh.not_copied == "x" and fresh.parts[0].item == "p" and not fresh.name
        assert frappe.copy_doc(doc, ignore_no_copy=False).not_copied is None

    def test_attachments(self, thing):
        doc = thing()

        def attach(name):
            return frappe.get_doc(
                doctype="File",
                file_name=name,
                content=name,
                attached_to_doctype=THING,
                attached_to_name=doc.name,
                is_private=1,
            ).insert()

        file = attach("host-one.txt")
        assert file.file_url.startswith("/private/files/") and file.get_content() in (
            "host-one.txt",
            b"host-one.txt",
        )
        with pytest.raises(frappe.ValidationError):
            attach("host-two.txt")

    def test_virtual_fields_have_no_column(self, thing):
        assert not frappe.db.has_column(THING, "computed")
        assert frappe.get_doc(THING, thing().name).name


class TestMeta:
    def test_what_it_knows(self, made, site):
        meta = frappe.get_meta(THING)
        assert meta.get_title_field() == "subject" and meta.get_search_fields() == ["code", "kind", "name"]
        assert meta.get_list_fields() == ["name", "subject"]
        assert [entry.fieldname for entry in meta.get_table_fields()] == ["parts"]
        assert {entry.fieldname for entry in meta.get_link_fields()} == {"place", "made_by_too"}
        assert {entry.fieldname for entry in meta.get_select_fields()} == {"kind"}
        assert {entry.fieldname for entry in meta.get_set_only_once_fields()} >= {"once"}
        assert [entry.fieldname for entry in meta.get_global_search_fields()][:1] == ["subject"]
        assert meta.has_field("code") and not meta.has_field("name") and meta.get_label("on_day") == "On Day"
        assert meta.get_options("kind") == "A\nB" and meta.get_field("ratio").precision == "4"
        assert meta.get_translatable_fields() == []
        assert not meta.is_nested_set() and frappe.get_meta(PLACE).is_nested_set()
        assert (
            [entry.label for entry in meta.actions] == ["Do"]
            and meta.states[0].color == "Blue"
            and meta.links[0].link_doctype == PLACE
        )
        assert (
            meta.max_attachments == 1
            and meta.sort_field == "code"
            and meta.custom == 1
            and meta.quick_entry == 1
        )

    def test_lists_follow_its_order(self, thing):
        for code in ("b", "a", "c"):
            thing(code=code)
        assert frappe.get_list(THING, pluck="code") in (["a", "b", "c"], ["c", "a", "b"])

    def test_links_show_titles(self, thing, as_user):
        from frappe.desk.search import search_link

        thing(code="c9", subject="findable")
        row = search_link(THING, "findable")[0]
        assert row["label"] == "findable" and "c9" in row["description"]

    def test_as_dict(self, made, site):
        values = frappe.get_meta(THING).as_dict()
        assert (
            values["name"] == THING
            and values["fields"][0]["fieldname"] == "code"
            and values["doctype"] == "DocType"
        )


class TestTrees:
    def place(self, title, parent=None, group=1):
        return frappe.get_doc(doctype=PLACE, title=title, parent_host_place=parent, is_group=group).insert()

    def test_bounds(self, made, site):
        self.place("n1", "north"), self.place("n2", "north", 0), self.place("n11", "n1", 0)
        bounds = {row.name: (row.lft, row.rgt) for row in frappe.get_all(PLACE, ["name", "lft", "rgt"])}
        assert (
            bounds["north"][0]
            < bounds["n1"][0]
            < bounds["n11"][0]
            < bounds["n11"][1]
            < bounds["n1"][1]
            < bounds["n2"][0]
            < bounds["north"][1]
        )

    def test_questions(self, made, site):
        from frappe.utils.nestedset import get_ancestors_of, get_descendants_of, get_root_of

        self.place("n1", "north"), self.place("n11", "n1", 0)
        assert get_ancestors_of(PLACE, "n11") == ["n1", "north"] and set(
            get_descendants_of(PLACE, "north")
        ) == {"n1", "n11"}
        assert get_root_of(PLACE) in ("north", "south")
        doc = frappe.get_doc(PLACE, "n11")
        assert doc.get_ancestors() == ["n1", "north"] and doc.get_parent().name == "n1"
        assert [child.name for child in frappe.get_doc(PLACE, "n1").get_children()] == ["n11"]
        assert frappe.get_all(PLACE, {"name": ["descendants of", "north"]}, pluck="name", order_by="lft") == [
            "n1",
            "n11",
        ]
        assert frappe.get_all(PLACE, {"name": ["ancestors of", "n11"]}, pluck="name", order_by="lft") == [
            "north",
            "n1",
        ]

    def test_moving(self, made, site):
        self.place("n1", "north"), self.place("n11", "n1", 0)
        doc = frappe.get_doc(PLACE, "n1")
        doc.parent_host_place = "south"
        doc.save()
        assert frappe.get_all(PLACE, {"name": ["descendants of", "south"]}, pluck="name", order_by="lft") == [
            "n1",
            "n11",
        ]
        assert frappe.get_all(PLACE, {"name": ["descendants of", "north"]}) == []

    def test_no_circles(self, made, site):
        from frappe.utils.nestedset import NestedSetRecursionError

        self.place("n1", "north"), self.place("n11", "n1")
        doc = frappe.get_doc(PLACE, "n1")
        doc.parent_host_place = "n11"
        with pytest.raises(NestedSetRecursionError):
            doc.save()

    def test_a_parent_stays_while_it_has_children(self, made, site):
        from frappe.utils.nestedset import NestedSetChildExistsError

        self.place("n1", "north")
        with pytest.raises((NestedSetChildExistsError, frappe.LinkExistsError)):
            frappe.delete_doc(PLACE, "north")
        frappe.delete_doc(PLACE, "n1")
        frappe.delete_doc(PLACE, "north")

    def test_over_the_tree_view(self, made, site):
        from frappe.desk.treeview import add_node, get_children

        frappe.local.form_dict = frappe._dict(
            doctype=PLACE, parent_host_place="north", title="n5", is_group=0, parent="north", is_root="false"
        )
        add_node()
        assert [(row.value, bool(row.expandable)) for row in get_children(PLACE, "north")] == [("n5", False)]
        assert {row.value for row in get_children(PLACE)} >= {"north", "south"}

    def test_renaming(self, made, site):
        self.place("n1", "north")
        frappe.rename_doc(PLACE, "north", "arctic")
        assert frappe.db.get_value(PLACE, "n1", "parent_host_place") == "arctic"
        assert frappe.get_all(PLACE, {"name": ["descendants of", "arctic"]}, pluck="name") == ["n1"]


class TestNames:
    @pytest.fixture(scope="class")
    def kinds(self, make_doctype):
        rules = {
            "Host By Expression": ("Expression", "HE-.YYYY.-.MM.-.####"), "Host By Old Expression": ("Expression (old style)", "HO.#####"),
            "Host By Format": ("Expression", "format:HF-{subject}-{YY}-{###}"), "Host By Number": ("Autoincrement", "autoincrement"),
            "Host By Hand": ("Set by user", "prompt"), "Host By Chance": ("Random", "hash"), "Host By Series": ('By "Naming Series" field', "naming_series:"),
        }  # fmt: skip
        for name, (naming_rule, autoname) in rules.items():
            more = (
                [field("naming_series", "Select", options="S1-.###\nS2-.####", default="S1-.###")]
                if "Series" in name
                else []
            )
            make_doctype(name, [field("subject"), *more], naming_rule=naming_rule, autoname=autoname)

    def new(self, doctype, **values):
        return frappe.get_doc({"doctype": doctype, "subject": "s", **values}).insert().name

    def test_expressions(self, kinds, site):
        today = frappe.utils.getdate()
        assert re.fullmatch(rf"HE-{today:%Y}-{today:%m}-\d{{4}}", self.new("Host By Expression"))
        assert re.fullmatch(r"HO\d{5}", self.new("Host By Old Expression"))
        assert re.fullmatch(rf"HF-s-{today:%y}-\d{{3}}", self.new("Host By Format"))

    def test_numbers(self, kinds, site):
        first, second = self.new("Host By Number"), self.new("Host By Number")
        assert (
            isinstance(first, int)
            and second == first + 1
            and frappe.get_doc("Host By Number", second).name == second
        )

    def test_by_hand(self, kinds, site):
        assert (
            self.new("Host By Hand", __newname="mine") == "mine"
            and self.new("Host By Hand", name="too") == "too"
        )
        with pytest.raises(frappe.ValidationError):
            self.new("Host By Hand")

    def test_by_chance(self, kinds, site):
        assert re.fullmatch(r"[0-9a-z]{10}", self.new("Host By Chance"))

    def test_series(self, kinds, site):
        assert self.new("Host By Series").startswith("S1-") and self.new(
            "Host By Series", naming_series="S2-.####"
        ).startswith("S2-")
        from frappe.model.naming import make_autoname, revert_series_if_last

        name = make_autoname("HX-.####")
        assert re.fullmatch(r"HX-\d{4}", name)
        revert_series_if_last("HX-.####", name)
        assert make_autoname("HX-.####") == name

    def test_a_names_form(self, kinds, site):
        for wrong in ("a<b", "a>b"):
            with pytest.raises(
                (
                    frappe.NameError,
                    frappe.ValidationError,
                    frappe.CharacterLengthExceededError,
                    frappe.DataError,
                )
            ):
                self.new("Host By Hand", name=wrong)
        with pytest.raises(frappe.DuplicateEntryError):
            self.new("Host By Hand", name="twice"), self.new("Host By Hand", name="twice")


class TestChangedDefinitions:
    @pytest.fixture(scope="class")
    def changing(self, make_doctype):
        make_doctype(CHANGING, [field("subject"), field("amount", "Int")], autoname="hash", track_changes=1)

    def definition(self):
        return frappe.get_doc("DocType", CHANGING)

    def test_a_field_is_added_and_a_list_follows_at_once(self, changing, site):
        name = frappe.get_doc(doctype=CHANGING, subject="old").insert().name
        doc = self.definition()
        doc.append("fields", field("colour", default="red"))
        doc.append("fields", field("count", "Int", default="3"))
        doc.save()
        assert frappe.db.has_column(CHANGING, "colour")
        assert frappe.get_list(CHANGING, ["name", "colour", "count"], {"name": name})[0].count == 3
        assert [entry.fieldname for entry in frappe.get_meta(CHANGING).fields][-2:] == ["colour", "count"]

    def test_a_type_is_changed(self, changing, site):
        doc = self.definition()
        next(row for row in doc.fields if row.fieldname == "amount").fieldtype = "Float"
        doc.save()
        made = frappe.get_doc(doctype=CHANGING, amount=1.5).insert()
        assert frappe.db.get_value(CHANGING, made.name, "amount") == 1.5

    def test_a_text_becomes_longer(self, changing, site):
        doc = self.definition()
        next(row for row in doc.fields if row.fieldname == "subject").fieldtype = "Small Text"
        doc.save()
        assert len(frappe.get_doc(doctype=CHANGING, subject="x" * 500).insert().subject) == 500

    def test_a_field_that_goes_leaves_its_column(self, changing, site):
        doc = self.definition()
        doc.append("fields", field("gone"))
        doc.save()
        doc.fields = [row for row in doc.fields if row.fieldname != "gone"]
        doc.save()
        assert frappe.db.has_column(CHANGING, "gone") and not frappe.get_meta(CHANGING).has_field("gone")

    def test_an_index(self, changing, site):
        doc = self.definition()
        doc.append("fields", field("token", unique=1))
        doc.save()
        frappe.get_doc(doctype=CHANGING, token="k").insert()
        with pytest.raises(frappe.UniqueValidationError):
            frappe.get_doc(doctype=CHANGING, token="k").insert()

    @pytest.mark.parametrize(
        ("wrong", "error"),
        [({"fieldname": "subject"}, frappe.ValidationError), ({"fieldtype": "Nothing"}, frappe.ValidationError), ({"fieldtype": "Link", "options": ""}, frappe.ValidationError),
         ({"fieldtype": "Link", "options": "Host Nothing"}, frappe.ValidationError), ({"fieldtype": "Table", "options": THING}, frappe.ValidationError), ({"fieldname": "owner"}, frappe.ValidationError),
         ({"fieldname": "has-dash"}, frappe.ValidationError), ({"fieldtype": "Dynamic Link", "options": "subject"}, frappe.ValidationError), ({"fieldtype": "Check", "default": "2"}, frappe.ValidationError),
         ({"fieldtype": "Text", "unique": 1}, frappe.ValidationError), ({"fieldtype": "Select", "options": "a\nb", "default": "c"}, frappe.ValidationError), ({"hidden": 1, "reqd": 1}, frappe.ValidationError),
         ({"fieldtype": "Float", "precision": "12"}, frappe.ValidationError), ({"fieldtype": "Section Break", "in_list_view": 1}, frappe.ValidationError), ({"fieldtype": "Table", "options": PART, "in_list_view": 1}, frappe.ValidationError)],
    )  # fmt: skip
    def test_definitions_that_cannot_be(self, made, site, wrong, error):
        values = {
            "doctype": "DocType",
            "module": "Core",
            "custom": 1,
            "name": f"Host Wrong {frappe.generate_hash(length=6)}",
        }
        values |= {
            "fields": [field("subject"), {**field("extra"), **wrong}],
            "permissions": [rule(CLERK, "read")],
        }
        with pytest.raises(error):
            frappe.get_doc(values).insert()

    @pytest.mark.parametrize(
        "values",
        [
            {"title_field": "nothing"},
            {"search_fields": "nothing"},
            {"autoname": "field:nothing"},
            {"sort_field": "nothing"},
        ],
    )
    def test_names_of_fields_must_exist(self, site, values):
        base = {
            "doctype": "DocType",
            "module": "Core",
            "custom": 1,
            "name": f"Host Wrong {frappe.generate_hash(length=6)}",
            "fields": [field("subject")],
            "permissions": [rule(CLERK, "read")],
        }
        with pytest.raises(frappe.ValidationError):
            frappe.get_doc({**base, **values}).insert()

    def test_rules_must_make_sense(self, changing, site):
        doc = self.definition()
        doc.append("permissions", rule(CLERK, "submit", read=1))
        with pytest.raises(frappe.ValidationError):
            doc.save()
        doc = self.definition()
        doc.append("permissions", rule(CLERK, "read", permlevel=0))
        with pytest.raises(frappe.ValidationError):
            doc.save()

    def test_only_who_may_define(self, changing, as_user):
        as_user("clerk")
        with pytest.raises(frappe.PermissionError):
            self.definition().save()


def test_a_virtual_doctype_has_no_table(make_doctype, site):
    make_doctype("Host Ghost", [field("subject")], is_virtual=1)
    assert not frappe.db.table_exists("Host Ghost") and frappe.get_meta("Host Ghost").is_virtual


def test_a_deleted_doctype_is_gone(make_doctype, site):
    make_doctype("Host Brief", [field("subject")])
    frappe.get_doc(
        doctype="Custom Field", dt="Host Brief", fieldname="extra", label="Extra", fieldtype="Data"
    ).insert()
    frappe.delete_doc("DocType", "Host Brief")
    assert not frappe.db.exists("DocType", "Host Brief")
    with pytest.raises(frappe.DoesNotExistError):
        frappe.get_meta("Host Brief")


def test_a_renamed_doctype_keeps_its_rows(make_doctype, site):
    make_doctype("Host Early", [field("subject")], autoname="field:subject")
    make_doctype("Host Pointing", [field("early", "Link", options="Host Early")])
    frappe.get_doc(doctype="Host Early", subject="one").insert()
    frappe.rename_doc("DocType", "Host Early", "Host Late", force=True)
    assert frappe.get_all("Host Late", pluck="name") == ["one"]
    assert frappe.get_meta("Host Pointing").get_field("early").options == "Host Late"
