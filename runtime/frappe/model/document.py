"""Documents and their life: made, saved, submitted, cancelled, deleted, with every hook in Frappe's order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import frappe
from frappe import permissions
from frappe.model import create_new, naming, table_fields
from frappe.model.base_document import BaseDocument, get_controller
from frappe.model.document_checks import CANCELLED, DRAFT, SUBMITTED, DocumentChecks
from frappe.model.document_company import DocumentCompany
from frappe.model.document_events import DocumentEvents
from frappe.model.document_locks import DocumentLocks
from frappe.utils import cint, cstr, now


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
            raise frappe.BadDocumentError("First non keyword argument must be a string or dict")
    if len(args) < 2 and kwargs:
        doctype = kwargs.get("doctype") or (args and isinstance(args[0], str) and args[0])
        if not doctype:
            raise frappe.BadDocumentError('"doctype" is a required key')
        if args and isinstance(args[0], str) and set(kwargs) <= {"for_update"}:
            return get_controller(doctype)(*args, **kwargs)
        return get_controller(doctype)({**kwargs, "doctype": doctype})
    if not args:
        raise frappe.BadDocumentError("a document needs a doctype")
    return get_controller(doctype)(*args, **kwargs)


class Document(DocumentChecks, DocumentEvents, DocumentCompany, DocumentLocks, BaseDocument):
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
        elif isinstance(self.name, list | tuple):
            raise frappe.BadDocumentError("a document has one name")
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
        values = frappe.db.get_singles_dict(self.doctype, cast=True, for_update=bool(self.flags.for_update))
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
        """Reads the rows of the child tables; of a locked document as they are now, not as this transaction began."""
        lock = " for update" if self.flags.for_update else ""
        for field in self.meta.get_table_fields():
            rows = frappe.db.sql(
                f"select * from `tab{field.options}` where `parent` = %s and `parenttype` = %s"
                f" and `parentfield` = %s order by `idx`{lock}",
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

    def get_document_share_key(self, expires_on: Any = None, no_expiry: bool = False) -> str:
        """A key by which people without an account print this document, until a day."""
        from frappe.core.doctype.document_share_key.document_share_key import make_key

        return make_key(self, expires_on, no_expiry)

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
        if self.flags.ignore_permissions:
            return True
        return permissions.has_permission(self.doctype, permtype, self, user=user, print_logs=False)

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
        self.validate_higher_perm_levels()
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
        if self.__dict__.get("amended_from"):
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
        # What an earlier save was told does not hold for this one.
        self.flags.ignore_version = bool(ignore_version)
        if self.is_new() or not self.get("name"):
            return self.insert()
        self.check_if_locked()
        self.check_permission("write", "save")
        self.set_user_and_timestamp()
        self.set_docstatus()
        self.check_if_latest()
        self.set_parent_in_children()
        self.set_name_in_children()
        self.validate_higher_perm_levels()
        self._validate_links()
        self._set_fetched_values()
        self.reset_seen()
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
        if frappe.local.flags.in_import or self.flags.ignore_defaults:
            return
        if not self.is_new():
            return
        for key, value in create_new.default_values(self.doctype, meta=self.meta).items():
            if self.__dict__.get(key) is None:
                self.set(key, value)
        for field in self.meta.get_table_fields():
            defaults = None
            for row in self.get(field.fieldname) or []:
                if row.is_new():
                    defaults = (
                        create_new.default_values(field.options, self, row.meta)
                        if defaults is None
                        else defaults
                    )
                    for key, value in defaults.items():
                        if row.__dict__.get(key) is None:
                            row.set(key, value)

    def set_user_and_timestamp(self) -> None:
        """Who and when."""
        own = self.__dict__
        own["_original_modified"] = own.get("modified")
        self.modified = now()
        self.modified_by = user = frappe.local.session.user
        if self.is_new():
            kept = self.flags.keep_creation
            self.creation = (kept and own.get("creation")) or own["modified"]
            self.owner = (kept and own.get("owner")) or user
        for row in self.get_all_children():
            row.modified = self.modified
            row.modified_by = self.modified_by
            row.owner = row.get("owner") or self.owner
            row.creation = row.get("creation") or self.creation

    def set_docstatus(self) -> None:
        """Rows have the state of their document."""
        state = self.__dict__["docstatus"] = cint(self.__dict__.get("docstatus"))
        for row in self.get_all_children():
            row.docstatus = state

    def set_new_name(
        self, force: bool = False, set_name: str | None = None, set_child_names: bool = True
    ) -> None:
        """Names the document and its rows."""
        if self.flags.name_set and not force:
            return
        if set_name:
            self.name = naming.validate_name(self.doctype, set_name)
        else:
            naming.set_new_name(self)
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
            if fields := doc.meta.fetching:
                doc.set_fetch_from_value(fields)

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
        if not self.__dict__.get("amended_from"):
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

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.doctype} {self.get('name') or 'unsaved'}>"


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
