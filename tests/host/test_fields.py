"""Every kind of field: what is stored, in which type it comes back, what is refused, how a user reads it."""

from __future__ import annotations

import datetime

import frappe
import pytest
from host.kit import field

EVERY, ROW, COLOUR = "Host Every Field", "Host Field Row", "Host Colour"
POINT = '{"type":"FeatureCollection","features":[]}'
PICTURE = "data:image/png;base64,iVBORw0KGgo="


@pytest.fixture(scope="module")
def made(make_doctype):
    make_doctype(COLOUR, [field("title")], autoname="field:title", title_field="title")
    make_doctype(ROW, [field("colour", "Link", options=COLOUR)], [], istable=1)
    kinds = {
        "Data": {}, "Small Text": {}, "Text": {}, "Long Text": {}, "Text Editor": {}, "Code": {"options": "Python"}, "HTML Editor": {},
        "Markdown Editor": {}, "JSON": {}, "Int": {}, "Float": {}, "Currency": {}, "Percent": {}, "Check": {}, "Date": {}, "Datetime": {},
        "Time": {}, "Duration": {}, "Rating": {}, "Select": {"options": "\nOne\nTwo"}, "Link": {"options": COLOUR}, "Dynamic Link": {"options": "data"},
        "Attach": {}, "Attach Image": {}, "Signature": {}, "Geolocation": {}, "Phone": {}, "Color": {}, "Icon": {}, "Password": {},
        "Read Only": {}, "Autocomplete": {"options": "a\nb"}, "Barcode": {}, "Table MultiSelect": {"options": ROW},
        "Section Break": {}, "Column Break": {}, "Tab Break": {}, "Heading": {}, "Fold": {}, "HTML": {"options": "<b>x</b>"}, "Button": {}, "Image": {"options": "attach_image"},
    }  # fmt: skip
    kinds.pop("Dynamic Link")
    kinds.pop("Fold")
    fields = [field(frappe.scrub(kind), kind, **more) for kind, more in kinds.items()]
    fields += [field("party_type", "Link", options="DocType"), field("dynamic_link", "Dynamic Link", options="party_type"),
               field("email", options="Email"), field("url", options="URL"), field("phone_text", options="Phone"), field("person", options="Name"),
               field("short", length=5), field("exact", "Float", precision="6"), field("positive", "Int", non_negative=1),
               field("positive_money", "Currency", non_negative=1), field("long_number", "Int", length=12)]  # fmt: skip
    make_doctype(EVERY, fields, autoname="hash")
    frappe.get_doc(doctype=COLOUR, title="red").insert()
    frappe.db.commit()


@pytest.fixture
def every(made, site):
    def make(**values):
        return frappe.get_doc({"doctype": EVERY, **values}).insert()

    return make


DAY, MOMENT = datetime.date(2026, 2, 3), datetime.datetime(2026, 2, 3, 4, 5, 6)
STORED = [
    ("data", "text", "text"), ("data", 5, "5"), ("data", " kept ", " kept "), ("small_text", "a\nb", "a\nb"), ("text", "ä" * 200, "ä" * 200), ("long_text", "汉字", "汉字"),
    ("code", "if a < b: pass", "if a < b: pass"), ("json", '{"a": 1}', '{"a": 1}'), ("json", {"b": [1], "a": None}, '{"b":[1],"a":null}'),
    ("int", "7", 7), ("int", "", 0), ("int", None, 0), ("int", 3.9, 3), ("int", "x", 0), ("float", "1.5", 1.5), ("float", "", 0.0), ("float", "1,234.5", 1234.5),
    ("currency", "12.345", 12.345), ("currency", None, 0.0), ("percent", "33.3", 33.3), ("check", "1", 1), ("check", 0, 0), ("check", None, 0), ("check", True, 1),
    ("date", "2026-02-03", DAY), ("date", DAY, DAY), ("date", "", None), ("date", None, None), ("date", "2026-02-03 10:00:00", DAY),
    ("datetime", "2026-02-03 04:05:06", MOMENT), ("datetime", MOMENT, MOMENT), ("datetime", "2026-02-03", datetime.datetime(2026, 2, 3)), ("datetime", "", None),
    ("time", "04:05:06", datetime.timedelta(hours=4, minutes=5, seconds=6)), ("duration", 90, 90.0), ("duration", "3600", 3600.0),
    ("rating", 0.6, 0.6), ("rating", None, 0.0), ("select", "One", "One"), ("select", "", ""), ("link", "red", "red"), ("link", None, None), ("link", "", ""),
    ("attach", "/files/a.txt", "/files/a.txt"), ("signature", PICTURE, PICTURE), ("geolocation", POINT, POINT), ("phone", "+86-13800000000", "+86-13800000000"),
    ("color", "#ff0000", "#ff0000"), ("icon", "edit", "edit"), ("read_only", "set", "set"), ("autocomplete", "a", "a"), ("barcode", "<svg></svg>", "<svg></svg>"),
    ("exact", 1.123456, 1.123456), ("email", "a@b.example", "a@b.example"), ("email", "", ""), ("url", "https://a.example/x", "https://a.example/x"),
    ("phone_text", "+86 138-0000-0000", "+86 138-0000-0000"), ("short", "12345", "12345"), ("positive", 0, 0), ("long_number", 10**11, 10**11),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "given", "kept"), STORED, ids=[f"{name}-{str(given)[:20]}" for name, given, _kept in STORED]
)
def test_a_value_comes_back(every, name, given, kept):
    doc = frappe.get_doc(EVERY, every(**{name: given}).name)
    assert doc.get(name) == kept and type(doc.get(name)) is type(kept)
    assert frappe.db.get_value(EVERY, doc.name, name) == kept


REFUSED = [
    ("int", 2**31, Exception), ("date", "no date", Exception), ("date", "2026-02-30", Exception), ("datetime", "tomorrow", Exception),
    ("select", "Three", frappe.ValidationError), ("link", "green", frappe.LinkValidationError), ("json", "{broken", Exception), ("email", "no mail", frappe.InvalidEmailAddressError),
    ("url", "no url", frappe.ValidationError), ("phone", "no phone", frappe.InvalidPhoneNumberError), ("phone_text", "no phone", frappe.InvalidPhoneNumberError), ("person", "<name>", frappe.InvalidNameError),
    ("short", "123456", frappe.CharacterLengthExceededError), ("data", "x" * 141, frappe.CharacterLengthExceededError), ("positive", -1, frappe.NonNegativeError), ("positive_money", -0.5, frappe.NonNegativeError),
    ("data", ["list"], frappe.ValidationError),
    ("json", [1], frappe.ValidationError),
    ("code", "<p>", frappe.ValidationError), ("table_multiselect", [{"colour": "green"}], frappe.LinkValidationError),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "error"), REFUSED)
def test_a_value_is_refused(every, name, given, error):
    with pytest.raises(error):
        every(**{name: given})


def test_harmful_markup_goes_and_harmless_stays(every):
    text = '<p onclick="x()">a <b>b</b></p><script>y()</script>'
    doc = frappe.get_doc(
        EVERY,
        every(text_editor=text, html_editor=text, markdown_editor=text, small_text=text, data=text).name,
    )
    assert (
        "onclick" not in doc.text_editor and "<b>b</b>" in doc.text_editor and "<script" not in doc.small_text
    )
    assert "<script" not in doc.data and doc.markdown_editor


def test_a_password_is_kept_apart(every):
    doc = every(password="secret word")
    assert set(frappe.db.get_value(EVERY, doc.name, "password")) == {"*"}
    fresh = frappe.get_doc(EVERY, doc.name)
    assert set(fresh.password) == {"*"} and fresh.get_password("password") == "secret word"
    fresh.save()
    assert frappe.get_doc(EVERY, doc.name).get_password("password") == "secret word"
    fresh.password = "another"
    fresh.save()
    assert frappe.get_doc(EVERY, doc.name).get_password("password") == "another"
    assert frappe.get_doc(EVERY, every().name).get_password("password", raise_exception=False) is None
    with pytest.raises(frappe.AuthenticationError):
        frappe.get_doc(EVERY, every().name).get_password("password")


def test_rows_of_many_choices(every):
    doc = frappe.get_doc(EVERY, every(table_multiselect=[{"colour": "red"}]).name)
    assert [row.colour for row in doc.table_multiselect] == ["red"] and doc.table_multiselect[
        0
    ].parentfield == "table_multiselect"
    assert frappe.get_all(EVERY, [["Host Field Row", "colour", "=", "red"]], pluck="name") == [doc.name]


def test_dynamic_links(every):
    doc = every(party_type=COLOUR, dynamic_link="red")
    assert frappe.db.get_value(EVERY, doc.name, "dynamic_link") == "red"
    with pytest.raises(frappe.LinkValidationError):
        every(party_type=COLOUR, dynamic_link="green")
    with pytest.raises(frappe.ValidationError):
        every(dynamic_link="red")


@pytest.mark.parametrize(
    "kind", ["section_break", "column_break", "tab_break", "heading", "html", "button", "image"]
)
def test_what_is_only_seen_has_no_column(every, kind):
    assert not frappe.db.has_column(EVERY, kind) and kind not in frappe.get_meta(EVERY).get_valid_columns()
    assert frappe.get_meta(EVERY).has_field(kind)


COLUMNS = {"data": "varchar(140)", "short": "varchar(5)", "small_text": "text", "text_editor": "longtext", "int": "int(11)", "long_number": "bigint(20)", "check": "tinyint",
           "date": "date", "datetime": "datetime(6)", "time": "time(6)", "currency": "decimal(21,9)", "rating": "decimal(3,2)", "json": "json"}  # fmt: skip
FORMATS = [
    ("2026-02-03", {"fieldtype": "Date"}, "03-02-2026"), (DAY, {"fieldtype": "Date"}, "03-02-2026"), (MOMENT, {"fieldtype": "Datetime"}, "03-02-2026 04:05:06"),
    (datetime.timedelta(hours=4, minutes=5), {"fieldtype": "Time"}, "04:05:00"), (1234567.891, {"fieldtype": "Float"}, "1,234,567.891"), (1234.5, {"fieldtype": "Float", "precision": 1}, "1,234.5"),
    (33.333, {"fieldtype": "Percent"}, "33.33%"), (1234567, {"fieldtype": "Int"}, 1234567), ("a\nb", {"fieldtype": "Small Text"}, "a<br>b"), ("a\nb", {"fieldtype": "Data"}, "a\nb"),
    (3661, {"fieldtype": "Duration"}, "1h 1m 1s"), (90061, {"fieldtype": "Duration"}, "1d 1h 1m 1s"), (None, {"fieldtype": "Int"}, ""), (None, {"fieldtype": "Date"}, ""), ("", {"fieldtype": "Datetime"}, None),
    (None, {"fieldtype": "Data"}, ""), ("x", None, "x"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "df", "shown"), FORMATS)
def test_how_it_is_read(made, site, value, df, shown):
    frappe.db.set_single_value(
        "System Settings",
        {"date_format": "dd-mm-yyyy", "time_format": "HH:mm:ss", "number_format": "#,###.##"},
    )
    frappe.clear_cache()
    for key, default in (
        ("date_format", "dd-mm-yyyy"),
        ("time_format", "HH:mm:ss"),
        ("number_format", "#,###.##"),
    ):
        frappe.db.set_default(key, default)
    assert frappe.format_value(value, df) == shown


def test_formats_of_a_document(every):
    doc = every(
        check=1,
        table_multiselect=[{"colour": "red"}],
        int=5,
        text_editor="<p>x</p>",
        markdown_editor="# Head",
    )
    assert doc.get_formatted("int") == 5 and "<h1" in doc.get_formatted("markdown_editor")
    assert "red" in doc.get_formatted("table_multiselect") and "<p>x</p>" in doc.get_formatted("text_editor")


def test_a_choice_that_nobody_has_made_is_the_first_one(make_doctype, site):
    make_doctype(
        "Host First Choice",
        [field("kind", "Select", options="Good\nBad"), field("must", "Select", options="Good\nBad", reqd=1),
         field("open", "Select", options="\nGood\nBad")],
    )  # fmt: skip
    doc = frappe.get_doc(doctype="Host First Choice").insert()
    assert (doc.kind, doc.must, doc.open or "") == ("Good", "Good", "")
    assert frappe.new_doc("Host First Choice").kind == "Good"
    assert frappe.get_doc(doctype="Host First Choice", kind="Bad").insert().kind == "Bad"
