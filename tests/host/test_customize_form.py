"""The form of a standard DocType as a site changes it: Customize Form."""

from __future__ import annotations

from collections.abc import Iterator

import frappe
import pytest
from host.kit import field

DOCTYPE = "Dashboard Chart"


def _forget() -> None:
    frappe.db.rollback()
    frappe.set_user("Administrator")
    for table, about in (("Property Setter", "doc_type"), ("Custom Field", "dt")):
        frappe.db.delete(table, {about: DOCTYPE})
    for table in ("DocType Link", "DocType Action", "DocType State"):
        frappe.db.delete(table, {"parent": DOCTYPE, "custom": 1})
    frappe.db.commit()
    frappe.clear_cache(doctype=DOCTYPE)


@pytest.fixture
def forms(site) -> Iterator[None]:
    """What is changed of the form goes again: the table is changed, so nothing is rolled back."""
    _forget()
    yield
    _forget()


def _form(doctype: str = DOCTYPE):
    form = frappe.get_doc("Customize Form")
    form.doc_type = doctype
    form.run_method("fetch_to_customize")
    return form


def _row(form, fieldname: str):
    return next(row for row in form.fields if row.fieldname == fieldname)


def _save(form) -> list[str]:
    frappe.clear_messages()
    form.run_method("save_customization")
    return [entry["message"] for entry in map(frappe.parse_json, frappe.get_message_log())]


def _setters(**filters) -> list[tuple]:
    rows = frappe.get_all(
        "Property Setter",
        {"doc_type": DOCTYPE, "property": ["not in", ["field_order"]], **filters},
        ["field_name", "property", "value", "property_type", "doctype_or_field"],
        order_by="name",
    )
    return [tuple(row.values()) for row in rows]


def _fields() -> list[str]:
    return [entry.fieldname for entry in frappe.get_meta(DOCTYPE, cached=False).fields]


def test_the_form_is_filled_with_the_doctype_as_it_is_now(forms):
    form = _form()
    assert [row.fieldname for row in form.fields] == _fields()
    assert (form.doc_type, form.sort_field, form.label) == (DOCTYPE, "modified", "")
    assert not any(row.is_custom_field for row in form.fields)
    assert _row(form, "chart_name").reqd == 1


def test_no_doctype_no_form(forms):
    form = frappe.get_doc("Customize Form")
    form.run_method("fetch_to_customize")
    assert not form.fields


@pytest.mark.parametrize(
    "doctype",
    [
        "DocType",
        "DocField",
        "User",
        "Role",
        "Module Def",
        "Custom Field",
        "Customize Form",
        "System Settings",
    ],
)
def test_forms_that_no_site_changes(forms, doctype):
    with pytest.raises(frappe.ValidationError):
        _form(doctype)


def test_doctypes_of_the_site_are_changed_at_their_own_form(forms, make_doctype):
    make_doctype("Host Of The Site", [field("code")])
    with pytest.raises(frappe.ValidationError):
        _form("Host Of The Site")
    with pytest.raises(frappe.DoesNotExistError):
        _form("Host Nothing")


def test_what_differs_becomes_property_setters(forms):
    form = _form()
    row = _row(form, "number_of_groups")
    row.label, row.reqd, row.default = "How Many", 1, "3"
    form.title_field = "chart_name"
    form.search_fields = "chart_name,type"
    assert _save(form) == [f"{DOCTYPE} updated"]
    assert _setters() == [
        (None, "search_fields", "chart_name,type", "Data", "DocType"),
        (None, "title_field", "chart_name", "Data", "DocType"),
        ("number_of_groups", "default", "3", "Text", "DocField"),
        ("number_of_groups", "label", "How Many", "Data", "DocField"),
        ("number_of_groups", "reqd", "1", "Check", "DocField"),
    ]
    assert {*frappe.get_all("Property Setter", {"doc_type": DOCTYPE}, pluck="is_system_generated")} == {0}
    assert f"{DOCTYPE}-number_of_groups-label" in frappe.get_all("Property Setter", pluck="name")
    meta = frappe.get_meta(DOCTYPE, cached=False)
    assert meta.get_label("number_of_groups") == "How Many" and meta.title_field == "chart_name"


def test_what_is_changed_back_leaves_no_setter(forms):
    form = _form()
    _row(form, "color").label = "Paint"
    _save(form)
    form = _form()
    assert _row(form, "color").label == "Paint"
    _row(form, "color").label = "Color"
    _save(form)
    assert _setters() == []


def test_new_fields_become_custom_fields_where_they_stand(forms):
    form = _form()
    new = form.append(
        "fields", {"fieldtype": "Data", "label": "Extra Thing", "is_custom_field": 1, "in_list_view": 1}
    )
    form.fields = [form.fields[0], new, *form.fields[1:-1]]
    for number, row in enumerate(form.fields, 1):
        row.idx = number
    _save(form)
    values = ("fieldname", "label", "fieldtype", "insert_after", "in_list_view", "is_system_generated")
    stored = frappe.db.get_value("Custom Field", f"{DOCTYPE}-custom_extra_thing", values)
    assert stored == ("custom_extra_thing", "Extra Thing", "Data", _fields()[0], 1, 0)
    assert _fields()[1] == "custom_extra_thing" and frappe.db.has_column(DOCTYPE, "custom_extra_thing")
    assert _row(_form(), "custom_extra_thing").is_custom_field == 1


def test_custom_fields_are_changed_and_removed(forms):
    form = _form()
    form.append("fields", {"fieldtype": "Data", "label": "Extra", "is_custom_field": 1})
    _save(form)
    form = _form()
    row = _row(form, "custom_extra")
    row.label, row.fieldtype, row.reqd = "More", "Small Text", 1
    _save(form)
    assert frappe.db.get_value("Custom Field", f"{DOCTYPE}-custom_extra", ["label", "fieldtype", "reqd"]) == (
        "More",
        "Small Text",
        1,
    )
    assert _setters(field_name="custom_extra") == []
    form = _form()
    form.fields = [row for row in form.fields if row.fieldname != "custom_extra"]
    _save(form)
    assert not frappe.db.exists("Custom Field", f"{DOCTYPE}-custom_extra")
    assert "custom_extra" not in _fields() and frappe.db.has_column(DOCTYPE, "custom_extra")


def test_standard_fields_and_those_of_apps_stay(forms):
    from frappe.custom.doctype.custom_field.custom_field import create_custom_field

    create_custom_field(
        DOCTYPE, {"fieldname": "host_of_an_app", "label": "Of An App", "insert_after": "color"}
    )
    form = _form()
    form.fields = [row for row in form.fields if row.fieldname not in {"color", "host_of_an_app"}]
    _save(form)
    assert {"color", "host_of_an_app"} <= set(_fields())


def test_fields_are_put_into_another_order(forms):
    before = _fields()
    form = _form()
    form.fields = [form.fields[2], *form.fields[:2], *form.fields[3:]]
    for number, row in enumerate(form.fields, 1):
        row.idx = number
    _save(form)
    assert _fields() == [before[2], *before[:2], *before[3:]]
    form = _form()
    form.run_method("reset_to_defaults")
    assert _fields() == before


@pytest.mark.parametrize(
    ("fieldname", "fieldtype"),
    [("module", "Data"), ("type", "Link"), ("chart_name", "Password"), ("chart_name", "Int"), ("from_date", "Datetime"),
     ("filters_json", "Table"), ("number_of_groups", "Float")],
)  # fmt: skip
def test_types_that_a_field_cannot_become(forms, fieldname, fieldtype):
    form = _form()
    _row(form, fieldname).fieldtype = fieldtype
    with pytest.raises(frappe.ValidationError, match="Fieldtype cannot be changed"):
        _save(form)
    assert _setters() == []


@pytest.mark.parametrize(("fieldname", "fieldtype"), [("filters_json", "Text"), ("type", "Data")])
def test_types_that_hold_the_same_values(forms, fieldname, fieldtype):
    form = _form()
    _row(form, fieldname).fieldtype = fieldtype
    _save(form)
    assert (fieldname, "fieldtype", fieldtype, "Select", "DocField") in _setters()


@pytest.mark.parametrize(
    ("fieldname", "name", "value", "words"),
    [
        ("chart_name", "reqd", 0, "Not allowed to disable Mandatory"),
        ("chart_name", "allow_on_submit", 1, "Not allowed to enable Allow on Submit"),
        ("type", "options", "Line\nBar", "can't set 'Options'"),
        ("module", "options", "Role", "can't set 'Options'"),
        ("filters_json", "translatable", 1, "can't set 'Translatable'"),
        ("y_axis", "in_list_view", 1, "not allowed for type Table"),
    ],
)
def test_what_standard_fields_keep(forms, fieldname, name, value, words):
    form = _form()
    _row(form, fieldname).set(name, value)
    assert any(words in message for message in _save(form))
    assert _setters() == []


@pytest.mark.parametrize(
    ("fieldname", "name", "value"), [("chart_name", "hidden", 1), ("type", "default", "Nothing of These")]
)
def test_fields_that_cannot_be(forms, fieldname, name, value):
    form = _form()
    _row(form, fieldname).set(name, value)
    with pytest.raises(frappe.ValidationError):
        _save(form)


@pytest.mark.parametrize(
    "new",
    [{"label": "X", "fieldtype": "Link"}, {"fieldtype": "Data"}, {"label": "T", "fieldtype": "Table", "options": "User"},
     {"label": "S", "fieldtype": "Select", "options": "a\nb", "default": "c"},
     {"label": "Twice", "fieldname": "chart_name", "fieldtype": "Data"}],
)  # fmt: skip
def test_new_fields_that_cannot_be(forms, new):
    form = _form()
    form.append("fields", {**new, "is_custom_field": 1})
    with pytest.raises(frappe.ValidationError):
        _save(form)


@pytest.mark.parametrize(
    ("name", "value"),
    [("title_field", "nothing"), ("search_fields", "nothing"), ("sort_field", "nothing"), ("image_field", "chart_name"),
     ("autoname", "field:nothing")],
)  # fmt: skip
def test_settings_that_name_no_field(forms, name, value):
    form = _form()
    form.set(name, value)
    with pytest.raises(frappe.ValidationError):
        _save(form)


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [("max_attachments", 3, "Int"), ("allow_copy", 1, "Check"), ("sort_order", "ASC", "Data"), ("quick_entry", 1, "Check"),
     ("default_view", "List", "Select")],
)  # fmt: skip
def test_settings_of_the_doctype(forms, name, value, kind):
    form = _form()
    form.set(name, value)
    _save(form)
    assert _setters(field_name=["is", "not set"]) == [(None, name, str(value), kind, "DocType")]
    assert str(frappe.get_meta(DOCTYPE, cached=False).get(name)) == str(value)


def test_links_actions_and_states_of_the_site(forms):
    form = _form()
    form.append(
        "links", {"link_doctype": "ToDo", "link_fieldname": "reference_name", "group": "Work", "custom": 1}
    )
    form.append(
        "actions", {"label": "Ask", "action_type": "Server Action", "action": "frappe.ping", "custom": 1}
    )
    form.append("states", {"title": "Open", "color": "Red", "custom": 1})
    _save(form)
    meta = frappe.get_meta(DOCTYPE, cached=False)
    assert [row.link_doctype for row in meta.links] == ["ToDo"] and [row.label for row in meta.actions] == [
        "Ask"
    ]
    assert [row.title for row in meta.states] == ["Open"]
    form = _form()
    assert form.links[0].custom == 1
    form.links, form.actions, form.states = [], [], []
    _save(form)
    meta = frappe.get_meta(DOCTYPE, cached=False)
    assert not meta.links and not meta.actions and not meta.states and _setters() == []


def test_links_that_lead_nowhere_are_refused(forms):
    form = _form()
    form.append("links", {"link_doctype": "ToDo", "link_fieldname": "nothing", "custom": 1})
    with pytest.raises(frappe.ValidationError):
        _save(form)


def test_reset_takes_everything_back_but_options(forms):
    for fieldname, name, value in (("color", "label", "Paint"), ("chart_type", "options", "Count\nSum")):
        frappe.make_property_setter(
            {
                "doctype": DOCTYPE,
                "fieldname": fieldname,
                "property": name,
                "value": value,
                "property_type": "Text",
            },
            is_system_generated=False,
        )
    form = _form()
    form.append("fields", {"fieldtype": "Data", "label": "Extra", "is_custom_field": 1})
    _save(form)
    form = _form()
    form.run_method("reset_to_defaults")
    assert _setters() == [("chart_type", "options", "Count\nSum", "Text", "DocField")]
    assert not frappe.db.exists("Custom Field", {"dt": DOCTYPE}) and _row(form, "color").label == "Color"


def test_over_http_only_for_who_may_change_forms(forms, door):
    frappe.db.commit()
    form = {"doctype": "Customize Form", "name": "Customize Form", "doc_type": DOCTYPE}
    body = {"method": "fetch_to_customize", "docs": frappe.as_json(form)}
    assert door("clerk").post("/api/method/run_doc_method", data=body).status_code == 403
    assert door("Guest").post("/api/method/run_doc_method", data=body).status_code == 403
