"""Requests made from a number: every route and whitelisted method, with values that fit, almost fit, or never do."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import random
from typing import Any
from urllib.parse import quote, urlencode

from runtime.tests.security.canaries import DOCTYPES

HOSTILE = ["", " ", "'", '"', "`", "%", "%s", "\\", "\0", "../..", "..%2f..%2f", "/etc/passwd", "[]", "{}", "null", "NaN", "1e999", "-1", "0", "*",
           "count(name)", "9" * 30, "name desc", "name;--", "1=1", "' or '1'='1", "\") or 1=1 --", "`tabUser`.`api_key`", "tabUser.name", "owner.api_key",
           "(select password from __Auth)", "name, (select 1)", "sleep(5)", "group_concat(name)", "load_extension('x')", "{{7*7}}", "{{ frappe.db.sql('select 1') }}",
           "{% for i in range(10**9) %}x{% endfor %}", "<script>alert(1)</script>", "<svg/onload=alert(1)>", "javascript:alert(1)", "//evil.example", "2026-13-45",
           "2026-02-30 25:61:61", "=", "like", "in", "between", "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"), "𝕏", "\u202e", "a" * 3000,
           "__class__", "().__class__.__mro__", "9**9**9", "doc.__init__", "frappe.db.sql", "os.system", "fn", "flags", "ignore_permissions"]  # fmt: skip
FIELDS = ["name", "owner", "subject", "status", "score", "price", "id_no", "ward", "lines", "lines.item", "lines.secret_note", "ward.ward_name", "owner.full_name",
          "modified", "docstatus", "_user_tags", "_comments", "_assign", "user", "api_key", "api_secret", "password", "error", "data", "content", "defvalue",
          "count(name) as n", "sum(score) as s", "max(id_no) as m", "group_concat(subject) as g", "`tabTest Visit`.`subject`", "tabUser.api_key", "*", "1", "parent",
          "`tabTest Visit Line`.`item`", "{'COUNT': '*'}", "distinct subject", "if(1=1, id_no, 0)", "concat(subject, id_no) as x"]  # fmt: skip
OPERATORS = ["=", "!=", "like", "not like", "in", "not in", ">", "<", ">=", "between", "is", "descendants of", "timespan", "fieldname", "regexp", "nope", ""]  # fmt: skip
ROUTES = ["/", "/login", "/me", "/update-password", "/forgot-password", "/qrcode", "/printview", "/message", "/app", "/desk", "/files/x.txt", "/private/files/x.txt",
          "/assets/frappe/x.js", "/api", "/api/", "/api/method", "/api/method/", "/api/resource", "/api/v1/resource/Test Visit", "/api/v2/document/Test Visit",
          "/api/v2/doctype/Test Visit/meta", "/api/v2/method/frappe.client.get", "/api/v2/document/User", "/robots.txt", "/sitemap.xml", "/.env", "/site_config.json",
          "/../site_config.json", "/api/method/version", "/api/method/frappe.db.sql", "/api/method/frappe.get_all", "/api/method/frappe.utils.password.get_decrypted_password",
          "/api/method/frappe.core.doctype.user.user.User", "/api/method/os.system"]  # fmt: skip
#: Methods that end the session of the test, or start another program for every request.
LEFT_OUT = ("logout", "download_pdf", "download_multi_pdf", "log_out_everywhere")
#: Forms that methods read without naming them as arguments.
UNNAMED = ["doctype", "fields", "filters", "or_filters", "order_by", "group_by", "start", "page_length", "with_comment_count", "parent", "distinct", "view",
           "file_format_type", "title", "selected_items", "cmd", "run", "debug", "limit", "as_list", "ignore_permissions", "user", "expand", "format"]  # fmt: skip


def whitelisted() -> list[tuple[str, list[str], list[str]]]:
    """Every method of the host that may be called: its address, arguments and HTTP methods."""
    import frappe
    from frappe import _whitelist

    for module in pkgutil.walk_packages(frappe.__path__, "frappe."):
        if ".commands" not in module.name and ".tests" not in module.name:
            importlib.import_module(module.name)
    found = []
    for function in _whitelist.whitelisted:
        if (
            "." in function.__qualname__
            or function.__name__ in LEFT_OUT
            or not function.__module__.startswith("frappe.")
        ):
            continue
        verbs = _whitelist.allowed_http_methods_for_whitelisted_func[function]
        found.append(
            (
                f"{function.__module__}.{function.__name__}",
                list(inspect.signature(function).parameters),
                verbs,
            )
        )
    return sorted(found)


class Maker:
    """Makes requests; the same number makes the same ones."""

    def __init__(self, seed: int, methods: list, names: dict[str, list[str]]) -> None:
        self._random = random.Random(seed)
        self._methods, self._names = methods, names

    def request(self) -> dict[str, Any]:
        """Verb, address and body of the next request."""
        make = self._random.choices([self._method, self._resource, self._route, self._file], [70, 20, 8, 2])[
            0
        ]
        return make()

    def _method(self) -> dict[str, Any]:
        path, parameters, verbs = self._random.choice(self._methods)
        wanted = [name for name in parameters if self._random.random() < 0.85]
        wanted += self._random.sample(UNNAMED, self._random.choice([0, 0, 0, 1, 5, 7]))
        if path.startswith("frappe.desk.reportview."):
            wanted += ["doctype", "fields"]
        arguments = {name: self.value(name) for name in wanted}
        verb = (
            self._random.choice(verbs)
            if self._random.random() < 0.95
            else self._random.choice(["GET", "POST", "PUT", "DELETE"])
        )
        return self._as_request(verb, f"/api/method/{path}", arguments)

    def _resource(self) -> dict[str, Any]:
        doctype = self.value("doctype")
        address = f"/api/resource/{quote(str(doctype), safe='')}"
        arguments = {
            name: self.value(name)
            for name in self._random.sample(
                [*UNNAMED[:7], "limit", "expand", "as_dict"], self._random.randint(0, 4)
            )
        }
        verb = self._random.choices(["GET", "POST", "PUT", "DELETE"], [60, 15, 15, 10])[0]
        if verb != "POST" and self._random.random() < 0.5:
            address += f"/{quote(str(self.name_of(doctype)), safe='')}"
        if verb in {"POST", "PUT"}:
            arguments = self.document(doctype)
        return self._as_request(verb, address, arguments)

    def _route(self) -> dict[str, Any]:
        path = self._random.choice([*ROUTES, *self._names["file_url"]])
        if self._random.random() < 0.3:
            path += "/" + quote(str(self._random.choice(HOSTILE)), safe="")
        keys = [
            "doctype",
            "name",
            "format",
            "key",
            "k",
            "redirect-to",
            "_lang",
            "sid",
            "usr",
            "pwd",
            "tmp_id",
            "otp",
            "new_password",
            "cmd",
            "user",
        ]
        arguments = {key: self.value(key) for key in self._random.sample(keys, self._random.randint(0, 4))}
        return self._as_request(
            self._random.choice(["GET", "GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"]),
            path,
            arguments,
        )

    def _file(self) -> dict[str, Any]:
        name = self._random.choice(
            [
                "a.txt",
                "a.svg",
                "../../a.txt",
                "a.png",
                "a.html",
                "a\0.txt",
                "",
                "a.xlsx",
                "a.csv",
                "x" * 300 + ".txt",
                "a.php",
                ".htaccess",
            ]
        )
        content = self._random.choice(
            [b"x", b"", b"<svg onload=alert(1)>", b"\x89PNG\r\n", b"PK\x03\x04", b"\xff" * 50]
        )
        form = {
            key: str(self.value(key))
            for key in self._random.sample(
                [
                    "doctype",
                    "docname",
                    "is_private",
                    "fieldname",
                    "folder",
                    "file_url",
                    "optimize",
                    "library_file_name",
                ],
                4,
            )
        }
        return {
            "method": "POST",
            "path": "/api/method/upload_file",
            "files": {"file": (name, content)},
            "data": form,
        }

    def _as_request(self, verb: str, path: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if verb in {"GET", "HEAD", "OPTIONS"}:
            plain = {
                key: value if isinstance(value, str) else json.dumps(value)
                for key, value in arguments.items()
            }
            return {"method": verb, "path": f"{path}?{urlencode(plain, errors='replace')}" if plain else path}
        if self._random.random() < 0.2:
            plain = {
                key: value if isinstance(value, str) else json.dumps(value)
                for key, value in arguments.items()
            }
            return {"method": verb, "path": path, "data": plain}
        return {"method": verb, "path": path, "json": arguments}

    # -- values

    def value(self, name: str) -> Any:
        """A value for an argument of this name: mostly of the kind that is meant."""
        if self._random.random() < 0.15:
            return self.hostile()
        for words, make in self._kinds().items():
            if name in words.split():
                return make()
        return self._random.choice(
            [self.hostile, lambda: self._random.choice(FIELDS), lambda: self.name_of("Test Visit")]
        )()

    def _kinds(self) -> dict[str, Any]:
        return {
            "doctype dt parent reference_doctype for_doctype": lambda: self._random.choices(DOCTYPES, [30] + [1] * (len(DOCTYPES) - 1))[0],
            "name docname dn reference_name value old_name doc_name": lambda: self.name_of(self._random.choice(list(self._names))),
            "names docnames": lambda: [self.name_of("Test Visit") for _ in range(2)],
            "user assign_to": lambda: self._random.choice(self._names["User"]),
            "filters or_filters": self.filters,
            "fields": lambda: self._random.choice([self.fields(), json.dumps(self.fields()), self._random.choice(FIELDS)]),
            "fieldname field searchfield stats sort_field title_field workflow_state_field": lambda: self._random.choice(FIELDS),
            "order_by group_by": lambda: f"{self._random.choice(FIELDS)} {self._random.choice(['', 'asc', 'desc', ', name', ';'])}",
            "doc docs": lambda: self._as_text(self.document("Test Visit", whole=True)),
            "args chart": lambda: self._as_text({"doctype": "Test Visit", "name": self.name_of("Test Visit"), "document_type": "Test Visit", "function": "Sum",
                                                "aggregate_function_based_on": "score", "label": "x", "chart_type": "Group By", "group_by_based_on": "id_no",
                                                "group_by_type": "Count", "filters_json": "[]", "assign_to": self._names["User"]}),
            "file_format_type file_type": lambda: self._random.choice(["CSV", "Excel", "PDF", ""]),
            "limit limit_start start page_length limit_page_length": lambda: self._random.choice([0, 1, 20, -1, "20", 10**30, "x", None]),
            "report_name": lambda: self._random.choice(["Test Visit", "Nope", ""]),
            "action method": lambda: self._random.choice(["Save", "Submit", "Cancel", "Update", "db_set", "delete", "save", "get_password", "reset_password", "as_dict"]),
            "txt": lambda: self._random.choice(["", "canary", "%", "m", "w"]),
            "query": lambda: self._random.choice(["", "frappe.client.get", "frappe.core.doctype.user.user.user_query", "frappe.db.sql"]),
            "export_fields select_columns": lambda: self._as_text({"Test Visit": ["name", "subject", "id_no"], "lines": ["item", "secret_note"]}),
            "export_records": lambda: self._random.choice(["all", "by_filter", "5_records", "blank_template"]),
            "debug as_list run distinct as_dict ignore_permissions is_private with_comment_count everyone read write share merge add": lambda: self._random.choice([0, 1, "1", True]),
        }  # fmt: skip

    def hostile(self) -> Any:
        """Anything."""
        kind = self._random.randrange(8)
        if kind < 4:
            return self._random.choice(HOSTILE)
        if kind == 4:
            return self._random.choice([None, True, False, 0, -1, 2**70, -(2**70), 1.5, 1e308])
        if kind == 5:
            return [self.hostile() for _ in range(self._random.randrange(3))]
        if kind == 6:
            return {
                str(self._random.choice(FIELDS + HOSTILE)): self.hostile()
                for _ in range(self._random.randrange(3))
            }
        deep: Any = 1
        for _ in range(self._random.choice([3, 40, 400])):
            deep = [deep]
        return deep

    def name_of(self, doctype: Any) -> str:
        """A document that exists, or hardly."""
        names = self._names.get(doctype) if isinstance(doctype, str) else None
        return self._random.choice(names or ["Nope", "Administrator", "1"])

    def fields(self) -> list:
        """Some fields."""
        return [self._random.choice(FIELDS) for _ in range(self._random.randint(1, 4))]

    def filters(self) -> Any:
        """Filters in one of the ways to write them."""
        field, operator = self._random.choice(FIELDS), self._random.choice(OPERATORS)
        value = self._random.choice(
            ["canary%", "%canary-level%", "Open", [1, 2], ["a", "b"], None, 3, "2026-01-01", self.hostile()]
        )
        shapes = [{field: value}, {field: [operator, value]}, [[field, operator, value]], [["Test Visit", field, operator, value]],
                  [["Test Visit Line", "secret_note", "like", "%c%"]], [["User", "api_key", "like", "k%"]], [[field]], field]  # fmt: skip
        return self._as_text(self._random.choice(shapes))

    def document(self, doctype: Any, whole: bool = False) -> dict[str, Any]:
        """Values of a document, some of which nobody may set."""
        keys = ["subject", "status", "score", "price", "seen_on", "seen_at", "ward", "id_no", "lines", "owner", "docstatus", "name", "parent", "idx", "creation",
                "modified", "__islocal", "_user_tags", "flags", "save", "meta", "workflow_state", "email", "roles", "new_password", "enabled", "doctype"]  # fmt: skip
        made = {
            key: self._random.choice([self.hostile(), "x", 1, [{"item": "x"}]])
            for key in self._random.sample(keys, self._random.randint(0, 5))
        }
        if whole:
            made |= {"doctype": doctype, "name": self.name_of(doctype)}
        return made

    def _as_text(self, value: Any) -> Any:
        return json.dumps(value) if self._random.random() < 0.5 else value
