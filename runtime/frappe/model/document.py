"""Documents and their life: made, saved, submitted, cancelled, deleted, with every hook in Frappe's order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import frappe
from frappe.model import table_fields
from frappe.model.base_document import BaseDocument, get_controller
from frappe.model.hooks import get_doc_hooks
from frappe.utils import cint, cstr, now

DRAFT, SUBMITTED, CANCELLED = 0, 1, 2


def get_doc(*args: Any, **kwargs: Any) -> Document:
    """A stored document (doctype and name, or the doctype of a single), or a new one from values.

    :raises frappe.DoesNotExistError: when there is no such document
    """
    if args:
        first = args[0]
        if isinstance(first, BaseDocument):
            return first
        if isinstance(first, str):
            doctype = first
        elif isinstance(first, dict):
            kwargs = first
            doctype = kwargs.get("doctype")
        else:
            raise ValueError("First non keyword argument must be a string or dict")
    if len(args) < 2 and kwargs:
        doctype = kwargs.get("doctype") or (args and isinstance(args[0], str) and args[0])
        if not doctype:
            raise ValueError('"doctype" is a required key')
        if args and isinstance(args[0], str) and set(kwargs) <= {"for_update"}:
            return get_controller(doctype)(*args, **kwargs)
        return get_controller(doctype)({**kwargs, "doctype": doctype})
    if not args:
        raise ValueError("a document needs a doctype")
    return get_controller(doctype)(*args, **kwargs)


class Document(BaseDocument):
    """A record with its rows, checks and hooks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.__dict__["flags"] = frappe._dict()
        if args and isinstance(args[0], str):
            self.__dict__["doctype"] = args[0]
            name = args[0] if len(args) == 1 else args[1]
            if isinstance(name, dict):
                found = frappe.db.get_value(args[0], name, "name")
                if found is None:
                    frappe.throw(
                        frappe._("{0} {1} not found").format(frappe._(args[0]), name),
                        frappe.DoesNotExistError,
                    )
                name = found
            self.__dict__["name"] = name
            if kwargs.get("for_update"):
                self.flags.for_update = True
            self.load_from_db()
            return
        values = args[0] if args and isinstance(args[0], dict) else kwargs
        super().__init__(values)
        self.init_valid_columns()

    def init_valid_columns(self) -> None:
        """Standard values of a document that is made from code."""
        self.__dict__.setdefault("name", None)
        if self.__dict__.get("idx") is None:
            self.__dict__["idx"] = 0

    @property
    def doctype_name(self) -> str:
        """The DocType."""
        return self.doctype

    @staticmethod
    def whitelist(function: Callable) -> Callable:
        """Lets a method be called over HTTP."""
        return frappe.whitelist()(function)

    # -- reading

    def load_from_db(self) -> Document:
        """Reads the document and its rows."""
        self.flags.ignore_children = bool(self.flags.ignore_children)
        if cint(self.meta.issingle):
            self._load_single()
        else:
            suffix = " for update" if self.flags.for_update else ""
            rows = frappe.db.sql(
                f"select * from `tab{self.doctype}` where `name` = %s{suffix}", (self.name,), as_dict=True
            )
            if not rows:
                frappe.throw(
                    frappe._("{0} {1} not found").format(frappe._(self.doctype), self.name),
                    frappe.DoesNotExistError(self.doctype, self.name),
                )
            self.__dict__.update(rows[0])
        self.load_children_from_db()
        if hasattr(self, "__setup__"):
            self.__setup__()
        return self

    def _load_single(self) -> None:
        values = frappe.db.get_singles_dict(self.doctype, cast=True)
        if not values:
            for field in self.meta.fields:
                if field.default and field.fieldtype not in table_fields:
                    values[field.fieldname] = field.default
        self.__dict__.update({"name": self.doctype, "docstatus": 0, "idx": 0, **values})
        for field in self.meta.fields:
            if field.fieldtype == "Check":
                self.__dict__[field.fieldname] = cint(self.__dict__.get(field.fieldname))
        self.__dict__.pop("doctype", None)
        self.__dict__["doctype"] = self.meta.name

    def load_children_from_db(self) -> None:
        """Reads the rows of the child tables."""
        for field in self.meta.get_table_fields():
            rows = frappe.db.sql(
                f"select * from `tab{field.options}` where `parent` = %s and `parenttype` = %s"
                " and `parentfield` = %s order by `idx`",
                (self.name, self.doctype, field.fieldname),
                as_dict=True,
            )
            controller = get_controller(field.options)
            children = []
            for row in rows:
                child = controller.__new__(controller)
                child.__dict__.update(row)
                child.__dict__.update(doctype=field.options, flags=frappe._dict(), parent_doc=self)
                children.append(child)
            self.__dict__[field.fieldname] = children

    def reload(self) -> None:
        """Reads the document anew."""
        flags = self.flags
        doctype, name = self.doctype, self.name
        self.__dict__.clear()
        self.__dict__.update(doctype=doctype, name=name, flags=flags)
        self.load_from_db()

    def get_latest(self) -> Document:
        """The document as it is stored now."""
        if not getattr(self, "_latest", None):
            self.__dict__["latest"] = frappe.get_doc(self.doctype, self.name)
        return self.__dict__["latest"]

    @property
    def _latest(self) -> Document | None:
        return self.__dict__.get("latest")

    def get_doc_before_save(self) -> Document | None:
        """The document as it was stored before this save; None for a new one."""
        return self.__dict__.get("_doc_before_save")

    def has_value_changed(self, fieldname: str) -> bool:
        """Whether a field differs from what was stored before this save."""
        from frappe.model.base_document import column_value

        previous = self.get_doc_before_save()
        if previous is None:
            return True
        field = self.meta.get_field(fieldname)
        before, after = previous.get(fieldname), self.get(fieldname)
        if field is not None and field.fieldtype not in table_fields:
            return column_value(field, before) != column_value(field, after)
        return before != after

    def get_title(self) -> str:
        """The text by which people know the document."""
        return self.get(self.meta.get_title_field()) or self.name

    def get_signature(self) -> str:
        """A key of the document that cannot be guessed."""
        import hashlib

        return hashlib.sha224(f"{self.doctype}:{self.name}".encode()).hexdigest()

    def get_onload(self, key: str | None = None) -> Any:
        """What was prepared for the form."""
        onload = self.__dict__.get("__onload") or frappe._dict()
        return onload.get(key) if key else onload

    def set_onload(self, key: str, value: Any) -> None:
        """Prepares something for the form."""
        self.__dict__.setdefault("__onload", frappe._dict())[key] = value

    # -- permissions

    def check_permission(self, permtype: str = "read", permlevel: int | None = None) -> None:
        """Refuse a user without the right.

        :raises frappe.PermissionError: when he has none
        """
        if not self.has_permission(permtype):
            self.raise_no_permission_to(permtype)

    def has_permission(self, permtype: str = "read", *, debug: bool = False, user: str | None = None) -> bool:
        """Whether the user has a right on this document."""
        from frappe.permissions import has_permission

        if self.flags.ignore_permissions:
            return True
        return has_permission(self.doctype, permtype, self, user=user, print_logs=False)

    def apply_fieldlevel_read_permissions(self) -> None:
        """Takes out values on levels that the user may not read."""
        if frappe.session.user == "Administrator":
            return
        allowed = set(self.meta.get_permlevel_access("read")) | {0}
        for doc in [self, *self.get_all_children()]:
            for field in doc.meta.fields:
                if cint(field.permlevel) not in allowed:
                    doc.set(field.fieldname, [] if field.fieldtype in table_fields else None)

    def raise_no_permission_to(self, perm_type: str) -> None:
        """Say what is not permitted.

        :raises frappe.PermissionError: always
        """
        from frappe.permissions import throw_permission_error

        throw_permission_error(self.doctype, perm_type, self)

    # -- writing

    def insert(
        self,
        ignore_permissions: bool | None = None,
        ignore_links: bool | None = None,
        ignore_if_duplicate: bool = False,
        ignore_mandatory: bool | None = None,
        set_name: str | None = None,
        set_child_names: bool = True,
    ) -> Document:
        """Stores a new document."""
        if self.flags.in_print:
            return self
        self._set_flags(ignore_permissions, ignore_links, ignore_mandatory)
        self.__dict__["__islocal"] = 1
        self._set_defaults()
        self.set_user_and_timestamp()
        self.set_docstatus()
        self.check_if_latest()
        self._validate_links()
        if not self.flags.ignore_permissions:
            self.check_permission("create")
        self.run_method("before_insert")
        self.set_new_name(set_name=set_name)
        self.set_parent_in_children()
        self._set_fetched_values()
        self.flags.in_insert = True
        self.run_before_save_methods()
        self._validate()
        self.set_docstatus()
        self.flags.in_insert = False
        if cint(self.meta.issingle):
            self.update_single(self.get_valid_dict())
        else:
            self.db_insert(ignore_if_duplicate=ignore_if_duplicate)
        self._insert_children()
        self.copy_attachments_from_amended_from()
        self.__dict__.pop("__islocal", None)
        self.flags.in_insert = True
        if self.get("amended_from"):
            self.flags.notify_update = False
        self.run_method("after_insert")
        self.flags.in_insert = True
        self.run_post_save_methods()
        self.flags.in_insert = False
        self.__dict__.pop("__unsaved", None)
        return self

    def _set_flags(
        self, ignore_permissions: Any, ignore_links: Any = None, ignore_mandatory: Any = None
    ) -> None:
        if ignore_permissions is not None:
            self.flags.ignore_permissions = ignore_permissions
        if ignore_links is not None:
            self.flags.ignore_links = ignore_links
        if ignore_mandatory is not None:
            self.flags.ignore_mandatory = ignore_mandatory

    def _insert_children(self) -> None:
        for row in self.get_all_children():
            row.__dict__.update(parent=self.name, parenttype=self.doctype)
            row.db_insert()

    def save(self, *args: Any, **kwargs: Any) -> Document:
        """Stores the document, new or not."""
        return self._save(*args, **kwargs)

    def _save(self, ignore_permissions: bool | None = None, ignore_version: bool | None = None) -> Document:
        if self.flags.in_print:
            return self
        self._set_flags(ignore_permissions)
        if ignore_version is not None:
            self.flags.ignore_version = frappe.flags.in_test if ignore_version is None else ignore_version
        if self.is_new() or not self.get("name"):
            return self.insert()
        self.check_permission("write", "save")
        self.set_user_and_timestamp()
        self.set_docstatus()
        self.check_if_latest()
        self.set_parent_in_children()
        self.set_name_in_children()
        self.validate_higher_perm_levels()
        self._validate_links()
        self._set_fetched_values()
        self.run_before_save_methods()
        if self.get("_action") != "discard":
            self._validate()
        if self._action == "update_after_submit":
            self.validate_update_after_submit()
        self.set_docstatus()
        if cint(self.meta.issingle):
            self.update_single(self.get_valid_dict())
        else:
            self.db_update()
        self.update_children()
        self.run_post_save_methods()
        self.__dict__.pop("__unsaved", None)
        return self

    def update_single(self, d: dict) -> None:
        """Writes the fields of a single DocType."""
        frappe.db.sql("delete from `tabSingles` where `doctype` = %s", (self.doctype,))
        rows = [
            (self.doctype, field, cstr(value) if value is not None else None)
            for field, value in d.items()
            if field not in {"doctype", "name"}
        ]
        frappe.db.bulk_insert("Singles", ["doctype", "field", "value"], rows)
        frappe.db.value_cache.clear()

    def update_children(self) -> None:
        """Writes the rows; rows that are gone are deleted."""
        for field in self.meta.get_table_fields():
            self.update_child_table(field.fieldname, field)

    def update_child_table(self, fieldname: str, df: Any = None) -> None:
        """Writes the rows of one child table."""
        df = df or self.meta.get_field(fieldname)
        rows = self.get(fieldname) or []
        kept = []
        for row in rows:
            row.__dict__.update(parent=self.name, parenttype=self.doctype, parentfield=fieldname)
            row.db_update()
            kept.append(row.name)
        query = (
            f"delete from `tab{df.options}` where `parent` = %s and `parenttype` = %s and `parentfield` = %s"
        )
        values: list[Any] = [self.name, self.doctype, fieldname]
        if kept:
            query += " and `name` not in %s"
            values.append(tuple(kept))
        frappe.db.sql(query, tuple(values))

    def _set_defaults(self) -> None:
        if frappe.flags.in_import or self.flags.ignore_defaults:
            return
        from frappe.model.create_new import default_values

        if not self.is_new():
            return
        for key, value in default_values(self.doctype, self.get("parent_doc")).items():
            if self.__dict__.get(key) is None:
                self.set(key, value)
        for field in self.meta.get_table_fields():
            defaults = None
            for row in self.get(field.fieldname) or []:
                if row.is_new():
                    defaults = default_values(field.options, self) if defaults is None else defaults
                    for key, value in defaults.items():
                        if row.__dict__.get(key) is None:
                            row.set(key, value)

    def set_user_and_timestamp(self) -> None:
        """Who and when."""
        self.__dict__["_original_modified"] = self.get("modified")
        self.modified = now()
        self.modified_by = frappe.session.user
        if self.is_new():
            if not self.get("creation") or not self.flags.keep_creation:
                self.creation = self.modified
            if not self.get("owner"):
                self.owner = self.modified_by
        for row in self.get_all_children():
            row.modified = self.modified
            row.modified_by = self.modified_by
            row.owner = row.get("owner") or self.owner
            row.creation = row.get("creation") or self.creation

    def set_docstatus(self) -> None:
        """Rows have the state of their document."""
        self.docstatus = cint(self.get("docstatus"))
        for row in self.get_all_children():
            row.docstatus = self.docstatus

    def set_new_name(
        self, force: bool = False, set_name: str | None = None, set_child_names: bool = True
    ) -> None:
        """Names the document and its rows."""
        from frappe.model.naming import set_new_name, validate_name

        if self.flags.name_set and not force:
            return
        if set_name:
            self.name = validate_name(self.doctype, set_name)
        else:
            set_new_name(self)
        if set_child_names:
            self.set_name_in_children()
        self.flags.name_set = True

    def set_name_in_children(self) -> None:
        """Names rows that have none."""
        for row in self.get_all_children():
            if not row.get("name"):
                row.name = frappe.generate_hash(length=10)
                row.__dict__["__islocal"] = 1

    def set_parent_in_children(self) -> None:
        """Rows know their document."""
        for row in self.get_all_children():
            row.__dict__.update(parent=self.name, parenttype=self.doctype)

    def _set_fetched_values(self) -> None:
        for doc in [self, *self.get_all_children()]:
            fields = doc.meta.get_fields_to_fetch()
            if fields:
                doc.set_fetch_from_value(fields)

    # -- checks

    def _validate(self) -> None:
        self._validate_mandatory()
        for doc in [self, *self.get_all_children()]:
            doc._fix_numeric_types()
            doc._validate_data_fields()
            doc._validate_selects()
            doc._validate_non_negative()
            doc._validate_length()
            doc._sanitize_content()
        if self.is_new():
            self.__dict__.setdefault("_comments", None)
        else:
            self.validate_set_only_once()
        self._save_passwords()

    def _save_passwords(self) -> None:
        from frappe.utils.password import set_encrypted_password

        if self.flags.ignore_save_passwords is True:
            return
        for field in self.meta.fields:
            value = self.__dict__.get(field.fieldname)
            if field.fieldtype != "Password" or not value or set(cstr(value)) == {"*"}:
                continue
            if field.fieldname in (self.flags.ignore_save_passwords or []):
                continue
            set_encrypted_password(self.doctype, self.name, value, field.fieldname)
            self.set(field.fieldname, "*" * len(value))

    def get_password(self, fieldname: str = "password", raise_exception: bool = True) -> str | None:
        """The text of a password field."""
        from frappe.utils.password import get_decrypted_password

        value = self.get(fieldname)
        if value and set(cstr(value)) != {"*"}:
            return value
        return get_decrypted_password(self.doctype, self.name, fieldname, raise_exception=raise_exception)

    def _validate_mandatory(self) -> None:
        if self.flags.ignore_mandatory:
            return
        missing = self._get_missing_mandatory_fields()
        for row in self.get_all_children():
            missing.extend(row._get_missing_mandatory_fields())
        if not missing:
            return
        for _, message in missing:
            frappe.msgprint(message)
        names = ", ".join(name for name, _ in missing)
        raise frappe.MandatoryError(f"[{self.doctype}, {self.name}]: {names}")

    def _validate_links(self) -> None:
        if self.flags.ignore_links or self.get("_action") == "cancel" or frappe.flags.ignore_links:
            return
        missing, cancelled = self.get_invalid_links(bool(cint(self.meta.is_submittable)))
        for row in self.get_all_children():
            more_missing, more_cancelled = row.get_invalid_links(bool(cint(self.meta.is_submittable)))
            missing += more_missing
            cancelled += more_cancelled
        if missing:
            frappe.throw(
                frappe._("Could not find {0}").format(", ".join(entry[2] for entry in missing)),
                frappe.LinkValidationError,
            )
        if cancelled:
            frappe.throw(
                frappe._("Cannot link cancelled document: {0}").format(
                    ", ".join(entry[2] for entry in cancelled)
                ),
                frappe.CancelledLinkError,
            )

    def validate_set_only_once(self) -> None:
        """Fields that are set once stay as they are.

        :raises frappe.CannotChangeConstantError: when one was changed
        """
        previous = self.get_doc_before_save()
        if previous is None:
            return
        for field in self.meta.get_set_only_once_fields():
            before = previous.get(field.fieldname)
            if before in (None, "", []) or field.fieldtype in table_fields:
                continue
            if cstr(self.get(field.fieldname)) != cstr(before):
                frappe.throw(
                    frappe._("Value cannot be changed for {0}").format(frappe.bold(frappe._(field.label))),
                    frappe.CannotChangeConstantError,
                )

    def validate_higher_perm_levels(self) -> None:
        """Values on levels that the user may not write are put back."""
        if self.flags.ignore_permissions or frappe.flags.in_install or frappe.session.user == "Administrator":
            return
        allowed = self.meta.get_permlevel_access("write")
        self.reset_values_if_no_permlevel_access(allowed, self.meta.get_high_permlevel_fields())
        for field in self.meta.get_table_fields():
            meta = frappe.get_meta(field.options)
            high = meta.get_high_permlevel_fields()
            for row in self.get(field.fieldname) if high else []:
                row.reset_values_if_no_permlevel_access(allowed, high)

    def check_if_latest(self) -> None:
        """Refuse to overwrite what somebody else has saved meanwhile, and find out what this save does.

        :raises frappe.TimestampMismatchError: when the document is not the newest
        """
        self.load_doc_before_save(raise_exception=True)
        self._action = "save"
        previous = self.get_doc_before_save()
        if previous is None:
            self.check_docstatus_transition(0)
            return
        if not self.flags.ignore_version_check and not cint(self.meta.issingle):
            stored, mine = cstr(previous.get("modified")), cstr(self.__dict__.get("_original_modified"))
            if mine and stored and stored[:26] != mine[:26] and not self._same_moment(stored, mine):
                frappe.msgprint(
                    frappe._("Error: Document has been modified after you have opened it")
                    + f" ({stored}, {mine}). "
                    + frappe._("Please refresh to get the latest document."),
                    raise_exception=frappe.TimestampMismatchError,
                )
        if not cint(self.meta.issingle):
            self.check_docstatus_transition(cint(previous.docstatus))

    @staticmethod
    def _same_moment(first: str, second: str) -> bool:
        from frappe.utils import get_datetime

        try:
            return get_datetime(first) == get_datetime(second)
        except ValueError:
            return False

    def load_doc_before_save(self, *, raise_exception: bool = False) -> None:
        """Keeps what is stored, for comparison."""
        self.__dict__["_doc_before_save"] = None
        if self.is_new() or (cint(self.meta.issingle) and not frappe.db.get_singles_dict(self.doctype)):
            return
        try:
            self.__dict__["_doc_before_save"] = frappe.get_doc(self.doctype, self.name, for_update=True)
        except frappe.DoesNotExistError:
            if raise_exception and not cint(self.meta.issingle):
                raise

    def check_docstatus_transition(self, to_docstatus: int) -> None:
        """Which of save, submit, update after submit and cancel this is.

        :raises frappe.DocstatusTransitionError: for any other change of state
        """
        stored, wanted = to_docstatus, cint(self.docstatus)
        if stored == DRAFT and wanted == DRAFT:
            self._action = "save"
        elif stored == DRAFT and wanted == SUBMITTED:
            self._action = "submit"
            self.check_permission("submit")
        elif stored == SUBMITTED and wanted == SUBMITTED:
            self._action = "update_after_submit"
            self.check_permission("submit")
        elif stored == SUBMITTED and wanted == CANCELLED:
            self._action = "cancel"
            self.check_permission("cancel")
        elif stored == CANCELLED:
            raise frappe.ValidationError(frappe._("Cannot edit cancelled document"))
        else:
            raise frappe.DocstatusTransitionError(
                frappe._("Cannot change docstatus from {0} to {1}").format(stored, wanted)
            )

    def validate_update_after_submit(self) -> None:
        """After submission only marked fields change.

        :raises frappe.UpdateAfterSubmitError: when another was changed
        """
        if self.flags.ignore_validate_update_after_submit:
            return
        previous = self.get_doc_before_save()
        for field in self.meta.fields:
            if cint(field.allow_on_submit) or not field.fieldname or field.fieldtype == "Password":
                continue
            if field.fieldtype in table_fields:
                self._compare_rows(field, previous)
                continue
            if field.fieldname in self.meta.get_valid_columns() and self.has_value_changed(field.fieldname):
                self._refuse_update(field)

    def _compare_rows(self, field: Any, previous: Document) -> None:
        before, after = previous.get(field.fieldname) or [], self.get(field.fieldname) or []
        if len(before) != len(after):
            self._refuse_update(field)
        stored = {row.name: row for row in before}
        for row in after:
            old = stored.get(row.name)
            if old is None:
                self._refuse_update(field)
            for cell in row.meta.fields:
                if cint(cell.allow_on_submit) or cell.fieldname not in row.meta.get_valid_columns():
                    continue
                from frappe.model.base_document import column_value

                if column_value(cell, old.get(cell.fieldname)) != column_value(cell, row.get(cell.fieldname)):
                    self._refuse_update(cell)

    def _refuse_update(self, field: Any) -> None:
        frappe.throw(
            frappe._("Not allowed to change {0} after submission").format(frappe.bold(frappe._(field.label))),
            frappe.UpdateAfterSubmitError,
            title=frappe._("Cannot Update After Submit"),
        )

    # -- hooks

    def run_method(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Runs the controller's method, then the apps' handlers for it, then notifications."""
        handlers = _handlers(self.doctype, method)
        own = getattr(type(self), method, None) or (
            self.__dict__.get(method) if callable(self.__dict__.get(method)) else None
        )
        answer = None
        if own is not None:
            answer = getattr(self, method)(*args, **kwargs)
        for path in handlers:
            reply = frappe.get_attr(path)(self, method, *args, **kwargs)
            answer = reply if reply is not None else answer
        if method in _NOTIFYING and not frappe.flags.in_install:
            self.run_notifications(method)
        return answer

    def run_trigger(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """The older name of `run_method`."""
        return self.run_method(method, *args, **kwargs)

    def run_notifications(self, method: str) -> None:
        """Sends what Notification records ask for at this event."""
        if frappe.flags.in_import or frappe.flags.in_patch or frappe.flags.mute_emails:
            return
        from frappe.email.notification_events import run_document_event

        run_document_event(self, method)

    def run_before_save_methods(self) -> None:
        """Hooks before writing, as this save's action asks."""
        self.reset_seen()
        if self.flags.ignore_validate and self._action != "update_after_submit":
            return
        if self._action == "save":
            self.run_method("before_validate")
            self.run_method("validate")
            self.run_method("before_save")
        elif self._action == "submit":
            self.run_method("before_validate")
            self.run_method("validate")
            self.run_method("before_submit")
        elif self._action == "cancel":
            self.run_method("before_cancel")
        elif self._action == "update_after_submit":
            self.run_method("before_update_after_submit")
        self._check_workflow()
        self.set_title_field()

    def _check_workflow(self) -> None:
        from frappe.model.workflow import set_workflow_state_on_action, validate_workflow

        if frappe.flags.in_install:
            return
        workflow = self.meta.get_workflow()
        if not workflow:
            return
        validate_workflow(self)
        if self._action != "save":
            set_workflow_state_on_action(self, workflow, self._action)

    def set_title_field(self) -> None:
        """Fills a title that is a pattern of other fields."""
        field = self.meta.get_field(self.meta.title_field or "title")
        if field is None or field.fieldname != "title" or not field.default or "{" not in cstr(field.default):
            return
        if not self.get("title"):
            values = {
                key: cstr(value) for key, value in self.as_dict().items() if not isinstance(value, list)
            }
            self.title = field.default.format_map(frappe._dict(values))

    def run_post_save_methods(self) -> None:
        """Hooks after writing, as this save's action asks; then versions and caches."""
        self.clear_cache()
        if self._action == "save":
            self.run_method("on_update")
        elif self._action == "submit":
            self.run_method("on_update")
            self.run_method("on_submit")
        elif self._action == "cancel":
            self.run_method("on_cancel")
            self.check_no_back_links_exist()
        elif self._action == "update_after_submit":
            self.run_method("on_update_after_submit")
        self.clear_cache()
        if self.flags.notify_update is not False:
            self.notify_update()
        self.save_version()
        self.run_method("on_change")

    def clear_cache(self) -> None:
        """Nobody reads an old copy of this document."""
        frappe.clear_document_cache(self.doctype, self.name)
        frappe.db.value_cache.clear()

    def reset_seen(self) -> None:
        """After a change, only its author has seen the document."""
        if cint(self.meta.get("track_seen")):
            self._seen = frappe.as_json([frappe.session.user], indent=0)

    def notify_update(self) -> None:
        """Tells open pages that the document has changed."""
        if frappe.flags.in_patch or frappe.flags.in_install or cint(self.meta.istable):
            return
        frappe.publish_realtime(
            "doc_update", {"modified": cstr(self.modified), "doctype": self.doctype, "name": self.name},
            doctype=self.doctype, docname=self.name, after_commit=True,
        )  # fmt: skip

    def save_version(self) -> None:
        """Keeps what has changed, if the DocType tracks changes."""
        if (
            not cint(self.meta.get("track_changes"))
            or self.doctype == "Version"
            or self.flags.ignore_version
            or frappe.flags.in_install
            or frappe.flags.in_patch
        ):
            return
        from frappe.core.doctype.version.version import make_version

        make_version(self, self.get_doc_before_save())

    def check_no_back_links_exist(self) -> None:
        """A document that submitted ones link to is not cancelled.

        :raises frappe.LinkExistsError: when one does
        """
        from frappe.model.delete_doc import check_if_doc_is_linked

        if not self.flags.ignore_links:
            check_if_doc_is_linked(self, method="Cancel")

    # -- state

    def submit(self) -> Document:
        """Submits a draft."""
        self.docstatus = SUBMITTED
        return self.save()

    def cancel(self) -> Document:
        """Cancels a submitted document."""
        self.docstatus = CANCELLED
        return self.save()

    def discard(self) -> None:
        """Throws a draft away without deleting it."""
        if cint(self.docstatus) != DRAFT:
            raise frappe.ValidationError(frappe._("Only draft documents can be discarded"))
        self.check_permission("write")
        self.run_method("before_discard")
        self.db_set("docstatus", CANCELLED)
        self.run_method("on_discard")

    def delete(
        self, ignore_permissions: bool = False, force: bool = False, *, delete_permanently: bool = False
    ) -> None:
        """Deletes the document."""
        frappe.delete_doc(
            self.doctype, self.name, ignore_permissions=ignore_permissions or self.flags.ignore_permissions,
            force=force, flags=self.flags, delete_permanently=delete_permanently,
        )  # fmt: skip

    def rename(
        self, name: str, merge: bool = False, force: bool = False, validate_rename: bool = True
    ) -> None:
        """Gives the document another name."""
        self.name = frappe.rename_doc(self.doctype, self.name, name, merge=merge, force=force)
        self.reload()

    def db_set(
        self,
        fieldname: Any,
        value: Any = None,
        update_modified: bool = True,
        notify: bool = False,
        commit: bool = False,
    ) -> None:
        """Writes fields of the stored document at once: no checks, `on_change` only."""
        values = fieldname if isinstance(fieldname, dict) else {fieldname: value}
        for key, entry in values.items():
            self.set(key, entry)
        if update_modified and (self.doctype, self.name) not in frappe.flags.currently_saving:
            self.set("modified", now())
            self.set("modified_by", frappe.session.user)
        self.load_doc_before_save()
        stored = dict(values)
        if cint(self.meta.issingle):
            frappe.db.set_single_value(self.doctype, stored)
        else:
            frappe.db.set_value(
                self.doctype, self.name, stored, modified=self.modified, modified_by=self.modified_by,
                update_modified=update_modified,
            )  # fmt: skip
        self.run_method("on_change")
        if notify:
            self.notify_update()
        self.clear_cache()
        if commit:
            frappe.db.commit()

    def db_get(self, fieldname: str) -> Any:
        """A field as it is stored."""
        return frappe.db.get_value(self.doctype, self.name, fieldname)

    def copy_attachments_from_amended_from(self) -> None:
        """A corrected document keeps the files of the one that it corrects."""
        if not self.get("amended_from"):
            return
        for row in frappe.get_all(
            "File",
            filters={"attached_to_doctype": self.doctype, "attached_to_name": self.amended_from},
            fields=["file_url", "file_name", "is_private"],
        ):
            frappe.get_doc(
                doctype="File", attached_to_doctype=self.doctype, attached_to_name=self.name, folder="Home/Attachments",
                **row,
            ).insert(ignore_permissions=True)  # fmt: skip

    # -- beside the fields

    def add_comment(
        self,
        comment_type: str = "Comment",
        text: str | None = None,
        comment_email: str | None = None,
        comment_by: str | None = None,
    ) -> Document:
        """Adds a comment."""
        return frappe.get_doc(
            doctype="Comment", comment_type=comment_type, comment_email=comment_email or frappe.session.user,
            comment_by=comment_by, reference_doctype=self.doctype, reference_name=self.name,
            content=text or comment_type,
        ).insert(ignore_permissions=True)  # fmt: skip

    def add_seen(self, user: str | None = None) -> None:
        """Notes that a user has seen the document."""
        user = user or frappe.session.user
        if not cint(self.meta.get("track_seen")):
            return
        seen = frappe.parse_json(self.get("_seen") or "[]")
        if user not in seen:
            frappe.db.set_value(
                self.doctype,
                self.name,
                "_seen",
                frappe.as_json([*seen, user], indent=0),
                update_modified=False,
            )

    def add_viewed(self, user: str | None = None, force: bool = False) -> None:
        """Notes that a user has opened the document; the access log of the app keeps views."""

    def add_tag(self, tag: str) -> None:
        """Adds a tag."""
        tags = [entry for entry in cstr(self.get("_user_tags")).split(",") if entry]
        if tag not in tags:
            self.db_set("_user_tags", ",".join([*tags, tag]), update_modified=False)

    def get_tags(self) -> list[str]:
        """The document's tags."""
        return [entry for entry in cstr(self.get("_user_tags")).split(",") if entry]

    def get_assigned_users(self) -> set[str]:
        """Who has the document on his list."""
        return set(frappe.get_all("ToDo", filters={"reference_type": self.doctype, "reference_name": self.name,
                                                   "status": "Open"}, pluck="allocated_to"))  # fmt: skip

    def get_url(self) -> str:
        """The path of the form."""
        from frappe.utils import get_absolute_url

        return get_absolute_url(self.doctype, self.name)

    def queue_action(self, action: str, **kwargs: Any) -> None:
        """Runs a method in the background."""
        frappe.enqueue_doc(self.doctype, self.name, action, **kwargs)

    def is_whitelisted(self, method_name: str) -> None:
        """Refuse a method that is not for callers over HTTP.

        :raises frappe.NotFound: when there is none of this name
        """
        method = getattr(self, method_name, None)
        if method is None:
            raise frappe.DoesNotExistError(f"Method {method_name} not found")
        frappe.is_whitelisted(getattr(method, "__func__", method))

    def validate_value(
        self, fieldname: str, condition: str, val2: Any, doc: Any = None, raise_exception: Any = None
    ):
        """Refuse a value that does not stand in a relation to another."""
        from frappe.utils import compare

        if not compare((doc or self).get(fieldname), condition, val2):
            label = frappe._(self.meta.get_label(fieldname))
            frappe.throw(
                frappe._("Incorrect value: {0} must be {1} {2}").format(label, condition, val2),
                raise_exception,
            )

    def validate_table_has_rows(self, parentfield: str, raise_exception: Any = None) -> None:
        """Refuse an empty table."""
        if not self.get(parentfield):
            label = self.meta.get_label(parentfield)
            frappe.throw(
                frappe._("Table {0} cannot be empty").format(label), raise_exception or frappe.EmptyTableError
            )

    def validate_from_to_dates(self, from_date_field: str, to_date_field: str) -> None:
        """Refuse an end before its beginning."""
        from frappe.utils import date_diff

        first, last = self.get(from_date_field), self.get(to_date_field)
        if first and last and date_diff(last, first) < 0:
            frappe.throw(
                frappe._("{0} must be after {1}").format(
                    frappe.bold(frappe._(self.meta.get_label(to_date_field))),
                    frappe.bold(frappe._(self.meta.get_label(from_date_field))),
                ),
                frappe.InvalidDates,
            )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.doctype} {self.get('name') or 'unsaved'}>"


_NOTIFYING = frozenset({"after_insert", "on_update", "on_submit", "on_cancel", "on_change"})


def _handlers(doctype: str, method: str) -> list[str]:
    hooks = get_doc_hooks()
    return [*hooks.get(doctype, {}).get(method, []), *hooks.get("*", {}).get(method, [])]


def bulk_insert(
    doctype: str, documents: Any, ignore_duplicates: bool = False, chunk_size: int = 10_000
) -> None:
    """Stores many new documents past their hooks."""
    meta = frappe.get_meta(doctype)
    columns = meta.get_valid_columns()
    rows = []
    for doc in documents:
        if not doc.get("name"):
            doc.set_new_name()
        doc.creation = doc.modified = doc.get("creation") or now()
        doc.owner = doc.modified_by = doc.get("owner") or frappe.session.user
        values = doc.get_valid_dict()
        rows.append([values.get(column) for column in columns])
    frappe.db.bulk_insert(doctype, columns, rows, ignore_duplicates, chunk_size=chunk_size)


def execute_action(doctype: str, name: str, action: str, **kwargs: Any) -> None:
    """Runs a document's method as a job."""
    getattr(frappe.get_doc(doctype, name), action)(**kwargs)
