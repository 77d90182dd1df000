"""A report: who may see it, and its rows."""

from __future__ import annotations

import importlib
import json
import re
from typing import Any

import frappe
from frappe import _
from frappe.desk import _report_rows
from frappe.model.db_query import DatabaseQuery
from frappe.model.document import Document
from frappe.utils import cint, cstr, flt

DEFAULT_LIMIT = 500
_QUOTED = re.compile(r"""'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"|`[^`]*`|--[^\n]*|/\*.*?\*/""", re.DOTALL)
_WRITING = re.compile(
    r"\b(insert|update|delete|replace|drop|alter|create|attach|detach|pragma|truncate|grant|set|call|load|lock|into)\b", re.IGNORECASE
)  # fmt: skip
_FUNCTIONS = {"count": "Count", "sum": "Sum of {0}", "avg": "Average of {0}"}


class Report(Document):
    """A stored report of one of four kinds."""

    def validate(self) -> None:
        """What is written in code is written by those who may write code.

        :raises frappe.PermissionError: for others
        """
        if self.is_standard == "No":
            if self.report_type != "Report Builder" and not self.flags.ignore_permissions:
                frappe.only_for("Script Manager", True)
        elif frappe.session.user != "Administrator" and not (frappe.flags.in_import or frappe.flags.in_migrate or frappe.flags.in_install):  # fmt: skip
            frappe.throw(_("Only Administrator can save a standard report. Please rename and save."))

    def before_insert(self) -> None:
        """A report is for who may report on its DocType, unless roles are given."""
        self.set_doctype_roles()

    def set_doctype_roles(self) -> None:
        """Takes the roles of the DocType where the report has none."""
        if self.roles or self.is_standard != "No":
            return
        rules = frappe.get_meta(self.ref_doctype).permissions
        for role in dict.fromkeys(rule.role for rule in rules if not cint(rule.permlevel)):
            self.append("roles", {"role": role})

    def on_trash(self) -> None:
        """A report of an app stays while the app does; rules about the report go with it."""
        if (
            self.is_standard == "Yes"
            and not frappe.conf.developer_mode
            and not (frappe.flags.in_migrate or frappe.flags.in_patch or frappe.flags.in_install or frappe.flags.in_uninstall)
        ):  # fmt: skip
            frappe.throw(_("You are not allowed to delete Standard Report"))
        for name in frappe.get_all("Custom Role", filters={"report": self.name}, pluck="name"):
            frappe.delete_doc("Custom Role", name, ignore_permissions=True)

    def is_permitted(self) -> bool:
        """Whether one of the user's roles is among the report's; a Custom Role takes the place of its own."""
        if frappe.session.user == "Administrator":
            return True
        allowed = {row.role for row in self.roles}
        custom = frappe.db.get_value("Custom Role", {"report": self.name}, "name")
        if custom:
            allowed = set(frappe.get_all("Has Role", filters={"parent": custom, "parenttype": "Custom Role"}, pluck="role"))  # fmt: skip
        return not allowed or bool(allowed & set(frappe.get_roles()))

    @frappe.whitelist(methods=["POST"])
    def toggle_disable(self, disable: bool) -> None:
        """Switches the report off or on."""
        self.check_permission("write")
        self.db_set("disabled", cint(disable))

    # -- rows

    def get_columns(self) -> list[dict]:
        """The columns that are stored with the report."""
        return [
            {key: row.get(key) for key in ("fieldname", "label", "fieldtype", "options", "width")}
            for row in self.columns
        ]

    def execute_query_report(self, filters: dict) -> tuple[list, list]:
        """Columns and rows of a stored statement, which can only read; filters are its parameters.

        :raises frappe.PermissionError: for a statement that does anything else
        """
        statement = cstr(self.query).strip().rstrip(";").strip()
        if not statement:
            frappe.throw(_("Must specify a Query to run"), title=_("Report Document Error"))
        check_reads_only(statement)
        rows = [list(row) for row in frappe.db.sql(statement, filters or ())]
        heads = [entry[0] for entry in frappe.db.get_description() or ()]
        return self.get_columns() or [cstr(head) for head in heads], rows

    def execute_script_report(self, filters: dict) -> Any:
        """What the report's module gives: the app's, or the script of the record."""
        return self.execute_module(filters) if self.is_standard == "Yes" or not self.report_script else self.execute_script(filters)  # fmt: skip

    def execute_module(self, filters: dict) -> Any:
        """Runs `execute` of the report's module."""
        folder = frappe.scrub(self.name)
        app = frappe.scrub(frappe._apps.get_module_app(self.module))
        module = importlib.import_module(f"{app}.{frappe.scrub(self.module)}.report.{folder}.{folder}")
        return module.execute(frappe._dict(filters))

    def execute_script(self, filters: dict) -> Any:
        """Runs the script of the record, where scripts are switched on.

        :raises frappe.ValidationError: where they are not
        """
        from frappe.utils import safe_exec

        run = getattr(safe_exec, "safe_exec", None)
        if run is None:
            frappe.throw(
                _("Server Scripts are disabled. Please enable server scripts from bench configuration."),
                getattr(safe_exec, "ServerScriptNotEnabled", frappe.ValidationError),
            )
        names: dict[str, Any] = {"filters": frappe._dict(filters), "data": None, "result": None}
        run(self.report_script, None, names)
        return names["data"] if names["data"] else (self.get_columns(), names["result"])

    def get_data(
        self,
        filters: Any = None,
        limit: int | None = None,
        user: str | None = None,
        as_dict: bool = False,
        ignore_prepared_report: bool = False,
        are_default_filters: bool = True,
    ) -> tuple[list, list]:
        """Columns and rows of a report of any kind, for programs."""
        if self.report_type in {"Query Report", "Script Report", "Custom Report"}:
            columns, rows = self.run_query_report(filters, user, ignore_prepared_report, are_default_filters)
        else:
            columns, rows = self.run_standard_report(filters, limit, user)
        return columns, self.build_data_dict(rows, columns) if as_dict else rows

    def run_query_report(
        self, filters: Any = None, user: str | None = None, ignore_prepared_report: bool = False,
        are_default_filters: bool = True,
    ) -> tuple[list, list]:  # fmt: skip
        """Columns and rows of a report that is written as a statement or a script."""
        from frappe.desk.query_report import run

        answer = run(
            self.name,
            filters=filters,
            user=user,
            ignore_prepared_report=ignore_prepared_report,
            are_default_filters=are_default_filters,
        )
        columns = [_report_rows.column(entry) for entry in answer.get("columns") or []]
        return columns, answer.get("result") or []

    def run_standard_report(
        self, filters: Any = None, limit: int | None = None, user: str | None = None
    ) -> tuple[list, list]:
        """Columns and rows of a list that was kept as a report."""
        params = json.loads(self.json or "{}")
        group = params.get("group_by") if isinstance(params.get("group_by"), dict) else {}
        fields = self._listed_fields(params)
        columns = self._columns_of(fields, group)
        selected = [f"`tab{table}`.`{name}`" for name, table in fields if name != "_aggregate_column"]
        if group and group.get("aggregate_function"):
            selected.append(_aggregate(group, self.ref_doctype))
        kept = params.get("filters") or []
        kept = [[self.ref_doctype, key, "=", value] for key, value in kept.items()] if isinstance(kept, dict) else list(kept)  # fmt: skip
        given = frappe.parse_json(filters) if filters else []
        given = [[self.ref_doctype, key, "=", value] for key, value in given.items()] if isinstance(given, dict) else list(given)  # fmt: skip
        rows = DatabaseQuery(self.ref_doctype).execute(
            fields=selected, filters=[*kept, *given], order_by=self._order(params, group), group_by=group.get("group_by") or None,
            limit_page_length=limit or (None if group else DEFAULT_LIMIT), user=user, as_list=True,
        )  # fmt: skip
        rows = [list(row) for row in rows]
        if cint(params.get("add_totals_row")) and rows:
            rows.append(_totals(columns, rows))
        return columns, rows

    def _listed_fields(self, params: dict) -> list[tuple[str, str]]:
        listed = params.get("fields") or params.get("columns")
        if not listed:
            meta = frappe.get_meta(self.ref_doctype)
            listed = ["name", *(field.fieldname for field in meta.fields if cint(field.in_list_view))]
        found = []
        for entry in listed:
            name, table = (
                (entry, self.ref_doctype) if isinstance(entry, str) else (entry[0], entry[1] or self.ref_doctype)
            )  # fmt: skip
            found.append((name, table))
        return found

    def _columns_of(self, fields: list[tuple[str, str]], group: dict) -> list[dict]:
        columns = [self._column_of(name, table) for name, table in fields if name != "_aggregate_column"]
        function = cstr((group or {}).get("aggregate_function")).lower()
        if function:
            on = cstr(group.get("aggregate_on")).replace("`", "").split(".")[-1]
            label = _(_FUNCTIONS.get(function, "")).format(
                _(frappe.get_meta(self.ref_doctype).get_label(on)) if on else ""
            )
            kind = "Int" if function == "count" else "Float"
            columns.append(frappe._dict(fieldname="_aggregate_column", label=label, fieldtype=kind))
        return columns

    def _column_of(self, name: str, table: str) -> Any:
        if name == "name":
            return frappe._dict(fieldname="name", label=_("ID"), fieldtype="Link", options=table)
        field = frappe.get_meta(table).get_field(name)
        if field is None:
            return frappe._dict(
                fieldname=name, label=_(frappe.get_meta(table).get_label(name)), fieldtype="Data"
            )
        return field

    def _order(self, params: dict, group: dict) -> str:
        if params.get("order_by"):
            return params["order_by"]
        if group and group.get("aggregate_function"):
            return "_aggregate_column desc"
        if params.get("sort_by"):
            by = params["sort_by"]
            by = by if "`" in by or "." in by else f"`tab{self.ref_doctype}`.`{by}`"
            return f"{by} {params.get('sort_order') or 'desc'}"
        return "KEEP_DEFAULT_ORDERING"

    @staticmethod
    def build_data_dict(result: list, columns: list) -> list[dict]:
        """Rows as dictionaries by the columns' names."""
        names = [column.get("fieldname") for column in columns]
        return [
            frappe._dict(row) if isinstance(row, dict) else frappe._dict(zip(names, row, strict=False))
            for row in result
        ]


def _aggregate(group: dict, doctype: str) -> str:
    function = cstr(group["aggregate_function"]).lower()
    if function not in _FUNCTIONS:
        frappe.throw(_("Invalid aggregate function"))
    on = "`name`" if function == "count" else cstr(group.get("aggregate_on"))
    on = on if on.startswith("`tab") else f"`tab{doctype}`.`{on.strip('`')}`"
    return f"{function}({on}) as _aggregate_column"


def _totals(columns: list, rows: list[list]) -> list:
    """The last line of a list: sums of numbers, the word "Total" in the first column that has none."""
    line: list[Any] = []
    for position, column in enumerate(columns):
        number = column.get("fieldtype") in {"Int", "Float", "Currency", "Percent", "Duration"}
        line.append(sum(flt(row[position]) if not isinstance(row[position], int) else row[position] for row in rows) if number else "")  # fmt: skip
    if line and line[0] == "":
        line[0] = _("Total")
    return line


def check_reads_only(statement: str) -> None:
    """Refuses a statement that is no `select`, or more than one.

    :raises frappe.PermissionError: then
    """
    bare = _QUOTED.sub(" ", statement).strip()
    words = bare.lower()
    reads = words.startswith("select") or (words.startswith("with") and not _WRITING.search(bare))
    if not reads or ";" in bare or re.search(r"\binto\s+(outfile|dumpfile|@)", words):
        frappe.throw(
            _("Query must be of SELECT or read-only WITH type."), frappe.PermissionError, title=_("Report Document Error")
        )  # fmt: skip
