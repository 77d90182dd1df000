"""The names under `frappe`: what they return, what they refuse."""

from __future__ import annotations

import json

import frappe
import pytest
from host.kit import CHIEF, CLERK
from host.orders import CUSTOMER, LINE, ORDER, SETTINGS
from jinja2.exceptions import UndefinedError

CALLABLE = [
    "_",
    "throw",
    "msgprint",
    "bold",
    "log_error",
    "logger",
    "whitelist",
    "only_for",
    "has_permission",
    "get_roles",
    "get_doc",
    "get_cached_doc",
    "get_last_doc",
    "get_single",
    "new_doc",
    "copy_doc",
    "delete_doc",
    "delete_doc_if_exists",
    "rename_doc",
    "get_all",
    "get_list",
    "get_value",
    "get_cached_value",
    "get_meta",
    "get_hooks",
    "get_attr",
    "get_module",
    "get_app_path",
    "get_site_path",
    "get_installed_apps",
    "call",
    "enqueue",
    "enqueue_doc",
    "publish_progress",
    "publish_realtime",
    "sendmail",
    "render_template",
    "get_print",
    "attach_print",
    "as_json",
    "parse_json",
    "generate_hash",
    "scrub",
    "unscrub",
    "set_user",
    "safe_eval",
    "get_traceback",
    "clear_cache",
    "reload_doc",
    "reload_doctype",
    "get_system_settings",
    "get_desk_link",
    "get_precision",
    "get_pymodule_path",
    "get_module_path",
    "get_module_list",
    "get_all_apps",
    "get_file_json",
    "get_file_items",
    "read_file",
    "is_table",
    "get_request_header",
    "respond_as_web_page",
    "connect",
    "init",
    "destroy",
    "clear_messages",
    "get_message_log",
    "get_user",
    "set_value",
    "safe_encode",
    "safe_decode",
    "errprint",
    "has_website_permission",
    "get_document_cache_key",
    "clear_document_cache",
    "format",
    "format_value",
    "validate_and_sanitize_search_inputs",
]
ERRORS = [
    "ValidationError",
    "PermissionError",
    "DoesNotExistError",
    "DuplicateEntryError",
    "UniqueValidationError",
    "LinkExistsError",
    "LinkValidationError",
    "MandatoryError",
    "NameError",
    "TimestampMismatchError",
    "UpdateAfterSubmitError",
    "CannotChangeConstantError",
    "AuthenticationError",
    "SessionExpired",
    "CSRFTokenError",
    "InvalidStatusError",
    "DataError",
    "CharacterLengthExceededError",
    "InvalidEmailAddressError",
    "InvalidNameError",
    "DocstatusTransitionError",
    "DocumentLockedError",
    "DocumentAlreadyRestored",
    "QueryTimeoutError",
    "QueryDeadlockError",
    "RateLimitExceededError",
    "TooManyRequestsError",
    "UnsupportedMediaType",
    "OutgoingEmailError",
    "TemplateNotFoundError",
    "PageDoesNotExistError",
    "AttachmentLimitReached",
    "NonNegativeError",
    "CancelledLinkError",
    "Redirect",
    "SecurityException",
    "IncorrectSitePath",
    "InvalidDates",
]


@pytest.mark.parametrize("name", CALLABLE)
def test_a_name_is_there(site, name):
    assert callable(getattr(frappe, name))


@pytest.mark.parametrize(
    "name",
    ["local", "flags", "form_dict", "session", "response", "conf", "db", "qb", "utils", "cache", "lang"],
)
def test_what_belongs_to_the_request_is_there(site, name):
    assert hasattr(frappe, name)


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_there(site, name):
    assert issubclass(getattr(frappe, name), Exception) and getattr(frappe.exceptions, name) is getattr(
        frappe, name
    )


@pytest.mark.parametrize(
    ("name", "status"),
    [("ValidationError", 417), ("PermissionError", 403), ("DoesNotExistError", 404), ("DuplicateEntryError", 409), ("AuthenticationError", 401),
     ("SessionExpired", 401), ("CSRFTokenError", 400), ("UnsupportedMediaType", 415), ("RateLimitExceededError", 429), ("MandatoryError", 417),
     ("LinkExistsError", 417), ("TimestampMismatchError", 417), ("NameError", 409)],
)  # fmt: skip
def test_an_error_has_its_status(site, name, status):
    assert getattr(frappe, name).http_status_code == status


class TestDictionaries:
    def test_keys_are_attributes(self, site):
        value = frappe._dict(a=1)
        value.b = 2
        assert value.a == 1 and value["b"] == 2 and value.missing is None
        assert (
            value.update({"c": 3}) is value
            and value.copy() == value
            and isinstance(value.copy(), frappe._dict)
        )

    def test_update_returns_itself(self, site):
        assert frappe._dict(a=1).update(b=2) == {"a": 1, "b": 2}


class TestMessages:
    def test_throw_raises_and_tells(self, site):
        with pytest.raises(frappe.ValidationError, match="no"):
            frappe.throw("no")
        assert (
            json.loads(
                frappe.get_message_log()[0]
                if isinstance(frappe.get_message_log()[0], str)
                else json.dumps(frappe.get_message_log()[0])
            )["message"]
            == "no"
        )

    def test_throw_takes_class_and_title(self, site):
        with pytest.raises(frappe.DuplicateEntryError):
            frappe.throw("twice", frappe.DuplicateEntryError, title="Twice")
        assert frappe.get_message_log()[-1]["title"] == "Twice"

    def test_lists_are_told_as_lists(self, site):
        frappe.msgprint(["one", "two"], as_list=True)
        frappe.msgprint("careful", title="T", indicator="orange", alert=True)
        first, second = frappe.get_message_log()
        assert first["as_list"] and "one" in str(first["message"])
        assert (second["title"], second["indicator"], second["alert"]) == ("T", "orange", 1)
        frappe.clear_messages()
        assert frappe.get_message_log() == []

    def test_bold(self, site):
        assert frappe.bold("x") == "<strong>x</strong>" and frappe.bold(3) == "<strong>3</strong>"

    def test_links_to_documents(self, customer):
        customer("C1")
        link = frappe.get_desk_link(CUSTOMER, "C1")
        assert "Host Customer Customer C1" in link and "Host Customer/C1" in link


class TestDocuments:
    def test_new_ones(self, life):
        doc = frappe.new_doc(ORDER, subject="given")
        assert (
            doc.is_new()
            and doc.subject == "given"
            and doc.state == "New"
            and doc.made_by == "Administrator"
            and doc.urgent == 1
        )
        assert frappe.new_doc(ORDER, as_dict=True).doctype == ORDER
        parent = frappe.new_doc(ORDER)
        row = frappe.new_doc(LINE, parent_doc=parent, parentfield="lines")
        assert row.parenttype == ORDER and row.parentfield == "lines"

    @pytest.mark.parametrize(
        "way",
        [
            lambda d: frappe.get_doc(d),
            lambda d: frappe.get_doc(**d),
            lambda d: frappe.get_doc(frappe.get_doc(d)),
        ],
    )
    def test_from_values(self, life, way):
        doc = way({"doctype": ORDER, "subject": "x", "lines": [{"item": "a"}]})
        assert doc.subject == "x" and doc.lines[0].item == "a" and doc.lines[0].doctype == LINE

    def test_by_name_by_conditions_and_single(self, customer):
        customer("C1", city="A")
        assert frappe.get_doc(CUSTOMER, "C1").name == "C1"
        assert frappe.get_doc(CUSTOMER, {"city": "A"}).name == "C1"
        assert frappe.get_doc(SETTINGS).doctype == SETTINGS == frappe.get_single(SETTINGS).doctype
        with pytest.raises(frappe.DoesNotExistError):
            frappe.get_doc(CUSTOMER, {"city": "Nowhere"})

    @pytest.mark.parametrize(
        "wrong", [("Host No Such",), ("Host No Such", "x"), (CUSTOMER, "missing"), (CUSTOMER, None)]
    )
    def test_what_is_not_there(self, life, wrong):
        with pytest.raises((frappe.DoesNotExistError, ImportError)):
            frappe.get_doc(*wrong)

    def test_without_a_doctype(self, life):
        with pytest.raises(ValueError):
            frappe.get_doc({"subject": "x"})

    def test_the_last_one(self, customer):
        customer("C1"), customer("C2", city="B")
        assert frappe.get_last_doc(CUSTOMER).name == "C2"
        assert frappe.get_last_doc(CUSTOMER, {"city": ["!=", "B"]}).name == "C1"
        with pytest.raises(frappe.DoesNotExistError):
            frappe.get_last_doc(CUSTOMER, {"city": "Nowhere"})

    def test_values(self, customer):
        customer("C1", city="A")
        assert frappe.get_value(CUSTOMER, "C1", "city") == "A"
        assert frappe.get_cached_value(CUSTOMER, "C1", ["city", "disabled"]) == [
            "A",
            0,
        ] or frappe.get_cached_value(CUSTOMER, "C1", ["city", "disabled"]) == ("A", 0)
        assert frappe.get_cached_value(CUSTOMER, "C1", ["city"], as_dict=True).city == "A"
        frappe.set_value(CUSTOMER, "C1", "city", "B")
        assert frappe.get_doc(CUSTOMER, "C1").city == "B"

    def test_deleting_what_may_not_be_there(self, customer):
        customer("C1")
        frappe.delete_doc_if_exists(CUSTOMER, "C1")
        frappe.delete_doc_if_exists(CUSTOMER, "C1")
        assert not frappe.db.exists(CUSTOMER, "C1")
        with pytest.raises(frappe.DoesNotExistError):
            frappe.delete_doc(CUSTOMER, "C1", ignore_missing=False)

    def test_is_table(self, life):
        assert frappe.is_table(LINE) and not frappe.is_table(ORDER)

    def test_precision(self, life):
        assert (
            frappe.get_precision(ORDER, "total") in (2, 3, None) or frappe.get_precision(ORDER, "total") > 0
        )


class TestRights:
    def test_only_for(self, as_user, monkeypatch):
        monkeypatch.setitem(frappe.flags, "in_test", False)
        frappe.only_for("System Manager")
        as_user("clerk")
        frappe.only_for([CLERK, CHIEF])
        with pytest.raises(frappe.PermissionError):
            frappe.only_for(CHIEF)
        with pytest.raises(frappe.PermissionError):
            frappe.only_for([CHIEF], message=True)

    def test_roles(self, as_user):
        assert {"All", "Guest", CLERK} <= set(frappe.get_roles("host.clerk@host.example"))
        as_user("clerk")
        assert CLERK in frappe.get_roles() and CHIEF not in frappe.get_roles()
        as_user("Guest")
        assert frappe.get_roles() == ["Guest"]

    def test_has_permission(self, life, as_user, customer):
        customer("C1")
        as_user("clerk")
        assert frappe.has_permission(CUSTOMER, "write") and frappe.has_permission(CUSTOMER, "read", "C1")
        as_user("nobody")
        assert not frappe.has_permission(CUSTOMER)
        with pytest.raises(frappe.PermissionError):
            frappe.has_permission(CUSTOMER, "read", throw=True)
        assert frappe.has_permission(CUSTOMER, user="host.clerk@host.example")

    def test_the_user_is_somebody_else(self, as_user):
        as_user("clerk")
        assert frappe.session.user == "host.clerk@host.example" == frappe.local.session.user
        assert frappe.get_user().name == "host.clerk@host.example"


class TestTexts:
    def test_json(self, life):
        assert json.loads(frappe.as_json({"b": 1, "a": frappe.utils.getdate("2026-01-02")})) == {
            "a": "2026-01-02",
            "b": 1,
        }
        assert frappe.as_json({"b": 1, "a": 2}).index('"a"') < frappe.as_json({"b": 1, "a": 2}).index('"b"')
        assert frappe.as_json([1], indent=None).strip() == "[1]"
        assert (
            frappe.parse_json('{"a": 1}').a == 1
            and frappe.parse_json([1]) == [1]
            and frappe.parse_json(None) is None
        )
        assert json.loads(frappe.get_doc(doctype=ORDER, subject="x").as_json())["subject"] == "x"

    def test_scrub(self, site):
        assert (
            frappe.scrub("Sales Order-Item") == "sales_order_item"
            and frappe.unscrub("sales_order-item") == "Sales Order Item"
        )

    def test_hashes(self, site):
        assert len(frappe.generate_hash(length=12)) == 12 and len(frappe.generate_hash()) == 56
        assert frappe.generate_hash() != frappe.generate_hash()

    def test_templates(self, site):
        assert frappe.render_template("Hello {{ who }}", {"who": "you"}) == "Hello you"
        assert frappe.render_template("{{ frappe.utils.cint('3') }}", {}) == "3"
        with pytest.raises((frappe.ValidationError, UndefinedError)):
            frappe.render_template("{{ nothing.at_all }}", {})

    def test_translation_of_formats(self, site):
        assert frappe._("No such sentence {0}").format(1) == "No such sentence 1"
        assert frappe._("  Spaces ") == "Spaces" or frappe._("  Spaces ") == "  Spaces "

    def test_bytes(self, site):
        assert frappe.safe_encode("ü") == "ü".encode() and frappe.safe_decode("ü".encode()) == "ü"

    def test_formats(self, life):
        assert frappe.format("2026-01-02", {"fieldtype": "Date"}) == frappe.utils.formatdate("2026-01-02")
        assert frappe.format_value(1, {"fieldtype": "Check"}) in ("1", 1)
        assert frappe.format(None, {"fieldtype": "Data"}) in ("", None)

    def test_safe_eval(self, site):
        assert frappe.safe_eval("a + 1", None, {"a": 2}) == 3
        assert frappe.safe_eval("doc.x > 1 if True else 2", None, {"doc": frappe._dict(x=2)}) is True
        assert frappe.safe_eval("[x for x in [1, 2]]") == [1, 2]

    @pytest.mark.parametrize(
        ("text", "error"),
        [("__import__('os')", SyntaxError), ("().__class__", SyntaxError), ("a = 1", SyntaxError), ("open('x')", NameError)],
    )  # fmt: skip
    def test_expressions_reach_nothing(self, site, text, error):
        # What is refused before it runs is a SyntaxError on Frappe.
        with pytest.raises((error, NameError, frappe.ValidationError)):
            frappe.safe_eval(text)


class TestPlaces:
    def test_modules_and_attributes(self, site):
        assert frappe.get_attr("frappe.utils.cint") is frappe.utils.cint
        assert frappe.get_module("frappe.utils").cint is frappe.utils.cint
        with pytest.raises((AttributeError, ImportError, frappe.ValidationError)):
            frappe.get_attr("frappe.utils.no_such_thing")
        assert (
            frappe.call("frappe.utils.cint", "4") == 4
            and frappe.call(frappe.utils.cint, s="5", unknown=1) == 5
        )

    def test_paths(self, site):
        assert frappe.get_site_path("private", "files").endswith(f"{site}/private/files")
        assert frappe.get_app_path("frappe", "hooks.py").endswith("frappe/hooks.py")
        assert frappe.get_module_path("Core").endswith("frappe/core")
        assert frappe.get_pymodule_path("frappe.core").endswith("core")

    def test_apps_and_hooks(self, site):
        assert frappe.get_installed_apps()[0] == "frappe"
        assert frappe.get_hooks("no_such_hook") == [] and frappe.get_hooks("no_such_hook", default=None) in (
            None,
            [],
        )
        assert isinstance(frappe.get_hooks("doc_events"), dict)
        assert "Core" in frappe.get_module_list("frappe")

    def test_logger(self, site):
        frappe.logger("host").info("heard")

    def test_errors_are_logged(self, customer):
        doc = customer("C1")
        try:
            raise RuntimeError("on purpose")
        except RuntimeError:
            log = frappe.log_error("Host title", reference_doctype=CUSTOMER, reference_name=doc.name)
            assert "RuntimeError: on purpose" in frappe.get_traceback()
        assert log.method == "Host title" and "on purpose" in log.error and log.reference_name == "C1"
        assert doc.log_error("Host again", "text").reference_doctype == CUSTOMER
        log = frappe.log_error(title="T", message="M")
        assert (log.method, log.error) == ("T", "M")

    def test_system_settings(self, site):
        expiry = frappe.db.get_single_value("System Settings", "session_expiry")
        assert frappe.get_system_settings("session_expiry") == expiry

    def test_the_cache(self, site):
        frappe.cache.set_value("host key", {"a": 1})
        assert frappe.cache.get_value("host key") == {"a": 1} == frappe.cache().get_value("host key")
        frappe.cache.hset("host hash", "x", 5)
        assert frappe.cache.hget("host hash", "x") == 5 and frappe.cache.hgetall("host hash")
        frappe.cache.hdel("host hash", "x")
        assert frappe.cache.hget("host hash", "x") is None
        assert (
            frappe.cache.get_value("host made", generator=lambda: 7)
            == 7
            == frappe.cache.get_value("host made")
        )
        frappe.cache.delete_value(["host key", "host made"])
        assert frappe.cache.get_value("host key") is None
        frappe.cache.set_value("host soon", 1, expires_in_sec=100)
        assert frappe.cache.get_value("host soon", expires=True) == 1
        frappe.cache.delete_value("host soon")


def test_a_method_is_allowed_by_its_mark(site):
    @frappe.whitelist(allow_guest=True, methods=["POST"])
    def marked():
        return 1

    assert marked in frappe.whitelisted and marked in frappe.guest_methods
    frappe.is_whitelisted(marked)
    with pytest.raises(frappe.PermissionError):
        frappe.is_whitelisted(lambda: 1)
