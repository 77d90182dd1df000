"""Uploaded files: a generated name on the disk, the given name on the screen."""

from __future__ import annotations

import hashlib
import os
import secrets
from typing import Any

import frappe
from frappe.model.document import Document
from frappe.utils import call_hook_method, cint, get_files_path, get_hook_method

#: Extensions and what a file of that kind begins with; None where there is no such mark.
KINDS: dict[str, tuple[bytes, ...] | None] = {
    "png": (b"\x89PNG",), "jpg": (b"\xff\xd8\xff",), "jpeg": (b"\xff\xd8\xff",), "gif": (b"GIF8",), "webp": (b"RIFF",),
    "bmp": (b"BM",), "pdf": (b"%PDF",), "docx": (b"PK\x03\x04",), "xlsx": (b"PK\x03\x04",), "pptx": (b"PK\x03\x04",),
    "zip": (b"PK\x03\x04", b"PK\x05\x06"), "doc": (b"\xd0\xcf\x11\xe0",), "xls": (b"\xd0\xcf\x11\xe0",),
    "mp4": None, "mp3": None, "txt": None, "csv": None, "json": None, "md": None, "gz": (b"\x1f\x8b",),
}  # fmt: skip


class File(Document):
    """A file and the document that it belongs to."""

    def before_insert(self) -> None:
        """The content is checked and written; a folder has none."""
        if self.is_folder:
            return
        content = self.__dict__.pop("content", None)
        if content is not None:
            self._store(content.encode() if isinstance(content, str) else content)
        elif not self.file_url:
            frappe.throw(frappe._("A file needs its content"))
        else:
            self._may_share_content()
        self._check_address()

    def _store(self, content: bytes) -> None:
        limit = cint(frappe.get_system_settings("max_file_size")) or 25
        if len(content) > limit * 1024 * 1024:
            frappe.throw(
                frappe._("File size exceeded the maximum allowed size of {0} MB").format(limit),
                frappe.MaxFileSizeReachedError,
            )
        if not content:
            frappe.throw(frappe._("The file {0} is empty").format(self.file_name))
        self._extension = check_kind(self.file_name or "", content)
        self.file_name = os.path.basename((self.file_name or "file").replace("\\", "/"))[:140]
        self._content = content
        self.file_size, self.content_hash = len(content), hashlib.sha256(content).hexdigest()
        self.file_type = self._extension.upper()
        call_hook_method("before_write_file", file_size=len(content))
        write = get_hook_method("write_file")
        (write(self) if write else self.save_file_on_filesystem())

    def save_file_on_filesystem(self) -> dict[str, str]:
        """Writes the content under a name of its own into the site's folder."""
        content, extension = self._content, self._extension
        stored = f"{secrets.token_hex(16)}.{extension}"
        folder = get_files_path(is_private=bool(cint(self.is_private)))
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, stored)
        with open(path, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        frappe.db.after_rollback.add(lambda: os.path.exists(path) and os.remove(path))
        self.file_url = f"/{'private/' if cint(self.is_private) else ''}files/{stored}"
        return {"file_name": os.path.basename(path), "file_url": self.file_url}

    def _may_share_content(self) -> None:
        """A second record for a stored private file is made only by who may read the first.

        :raises frappe.PermissionError: for anybody else, who would own a key to the content otherwise
        """
        if self.flags.ignore_permissions or not str(self.file_url).startswith("/private/"):
            return
        names = frappe.get_all("File", filters={"file_url": self.file_url}, pluck="name")
        if not any(frappe.get_doc("File", name).is_downloadable() for name in names):
            frappe.throw(frappe._("Invalid file address"), frappe.PermissionError)

    def _check_address(self) -> None:
        if ".." in self.file_url or not self.file_url.startswith(("/files/", "/private/files/", "https://")):
            frappe.throw(frappe._("Invalid file address"))

    def validate(self) -> None:
        """A file is attached by who may write the document; its content never becomes another."""
        before = self.get_doc_before_save()
        if before is not None:
            for fieldname in ("file_url", "is_private", "content_hash"):
                self.set(fieldname, before.get(fieldname))
            if (before.attached_to_doctype, before.attached_to_name) != (
                self.attached_to_doctype,
                self.attached_to_name,
            ) and not self.flags.ignore_permissions:
                self._may_attach()
        if (
            self.attached_to_doctype
            and self.attached_to_name
            and self.is_new()
            and not self.flags.ignore_permissions
        ):
            self._may_attach()
        if self.is_new():
            self._check_how_many()

    def _check_how_many(self) -> None:
        """A DocType may say how many files its documents take.

        :raises frappe.exceptions.AttachmentLimitReached: for one more
        """
        if not self.attached_to_doctype or not self.attached_to_name:
            return
        limit = cint(frappe.get_meta(self.attached_to_doctype).max_attachments)
        there = {
            "attached_to_doctype": self.attached_to_doctype,
            "attached_to_name": str(self.attached_to_name),
        }
        if limit and frappe.db.count("File", there) >= limit:
            frappe.throw(
                frappe._("Maximum Attachment Limit of {0} has been reached for {1} {2}.").format(
                    frappe.bold(limit), self.attached_to_doctype, self.attached_to_name
                ),
                frappe.AttachmentLimitReached,
                title=frappe._("Attachment Limit Reached"),
            )

    def _may_attach(self) -> None:
        if self.attached_to_doctype and self.attached_to_name:
            frappe.has_permission(self.attached_to_doctype, "write", self.attached_to_name, throw=True)

    def after_insert(self) -> None:
        """The document's history names the file."""
        if self.attached_to_doctype and self.attached_to_name and not frappe.flags.in_install:
            self._note("Attachment", frappe._("added {0}").format(self.file_name))

    def _note(self, kind: str, text: str) -> None:
        frappe.get_doc(
            doctype="Comment", comment_type=kind, reference_doctype=self.attached_to_doctype,
            reference_name=self.attached_to_name, content=frappe.utils.escape_html(text), comment_email=frappe.session.user,
        ).insert(ignore_permissions=True)  # fmt: skip

    def on_trash(self) -> None:
        """The content goes when no other record names it."""
        if self.attached_to_doctype and self.attached_to_name and not self.flags.ignore_permissions:
            frappe.has_permission(self.attached_to_doctype, "write", self.attached_to_name, throw=True)
        if self.is_folder or frappe.db.exists("File", {"file_url": self.file_url, "name": ("!=", self.name)}):
            return
        delete = get_hook_method("delete_file_data_content")
        (delete(self, only_thumbnail=False) if delete else self.delete_file_from_filesystem())

    def delete_file_from_filesystem(self, only_thumbnail: bool = False) -> None:
        """Deletes the content when the deletion of the record is lasting."""
        if only_thumbnail:
            return
        path = self.get_full_path()
        frappe.db.after_commit.add(lambda: os.path.exists(path) and os.remove(path))

    def after_delete(self) -> None:
        """The document's history names the file."""
        if self.attached_to_doctype and frappe.db.exists(self.attached_to_doctype, self.attached_to_name):
            self._note("Attachment Removed", frappe._("removed {0}").format(self.file_name))

    def get_full_path(self) -> str:
        """Where the content is."""
        private = self.file_url.startswith("/private/")
        return get_files_path(os.path.basename(self.file_url), is_private=private)

    def get_content(self) -> bytes:
        """The content."""
        with open(self.get_full_path(), "rb") as file:
            return file.read()

    def is_downloadable(self) -> bool:
        """Whether the user may read the content."""
        return has_permission(self, "read")


def check_kind(name: str, content: bytes) -> str:
    """The extension of a file whose content is what its name says.

    :raises frappe.FileTypeNotAllowed: for another kind, or a content that does not fit
    """
    extension = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    allowed = {
        line.strip().lower()
        for line in (frappe.get_system_settings("allowed_file_extensions") or "").splitlines()
    }
    if extension not in KINDS or (allowed - {""} and extension not in allowed):
        frappe.throw(
            frappe._("File type of {0} is not allowed").format(frappe.utils.escape_html(name)),
            frappe.FileTypeNotAllowed,
        )
    marks = KINDS[extension]
    if marks and not content.startswith(marks):
        frappe.throw(
            frappe._("The content of {0} is not what its name says").format(frappe.utils.escape_html(name)),
            frappe.FileTypeNotAllowed,
        )
    return extension


def has_permission(doc: Any, ptype: str | None = None, user: str | None = None, debug: bool = False) -> bool:
    """A file is read by who may read its document, and by its owner."""
    user = user or frappe.session.user
    if (
        user == "Administrator"
        or (not cint(doc.is_private) and ptype in {"read", "select"})
        or doc.owner == user
    ):
        return True
    if doc.attached_to_doctype and doc.attached_to_name:
        right = "read" if ptype in {"read", "select", None} else "write"
        return bool(frappe.has_permission(doc.attached_to_doctype, right, doc.attached_to_name, user=user))
    return False
