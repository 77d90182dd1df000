"""From subject, text and files to one message in MIME.

The message waits in the queue with marks in place of what differs from one receiver to the next; `sending.py` fills them.
"""

from __future__ import annotations

import mimetypes
import re
import time
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import formatdate, getaddresses, make_msgid, parseaddr
from pathlib import Path
from typing import Any

import frappe
from frappe.utils import call_hook_method, cint, get_url, markdown, split_emails, validate_email_address

#: Marks, the same as Frappe's.
RECIPIENT = "<!--recipient-->"
UNSUBSCRIBE_URL = "<!--unsubscribe_url-->"
UNSUBSCRIBE_LINK = "<!--unsubscribe link here-->"
CC_MESSAGE = "<!--cc_message-->"
OPEN_CHECK = "<!--email_open_check-->"

#: Lines of at most 998 bytes in 7 bits: what every mail server takes.
POLICY = SMTP.clone(max_line_length=78, refold_source="long")

_CSS = """
body { line-height: 1.5; color: #1f272e; margin: 0; }
.body-table, .email-body, .email-footer { font-family: system-ui, 'PingFang SC', 'Microsoft YaHei', sans-serif; font-size: 14px; }
.with-container .body-content { background-color: #f4f5f6; padding: 40px 20px; }
.with-container .email-container { background-color: #ffffff; border-radius: 8px; padding: 30px; margin: 0 auto; }
.email-header-title { font-size: 20px; font-weight: 600; }
.indicator { display: inline-block; width: 8px; height: 8px; border-radius: 4px; background-color: #98a1a9; }
.indicator-green { background-color: #28a745; } .indicator-red { background-color: #e24c4c; }
.indicator-orange { background-color: #f8814f; } .indicator-blue { background-color: #2490ef; }
.email-footer-container { margin-top: 40px; font-size: 12px; color: #687178; }
.table { border-collapse: collapse; } .table td, .table th { border: 1px solid #d1d8dd; padding: 4px 8px; }
.text-right { text-align: right; } .text-muted { color: #687178; }
"""


def sanitize_email_header(header: str) -> str:
    """A header of one line, whatever was put into it."""
    return re.sub(r"[\r\n]+", "", header or "")


def plain_text(html: str) -> str:
    """What HTML says, for readers that show text only."""
    from html2text import HTML2Text

    reader = HTML2Text(bodywidth=0)
    reader.ignore_images = True
    return reader.handle(html or "").strip() + "\n"


def get_message_id() -> str:
    """A name that no other message has."""
    return make_msgid(domain=frappe.local.site).strip("<>")


def addresses(people: Any) -> list[str]:
    """Addresses of a list or a text, each once, as they are written in a header.

    :raises frappe.InvalidEmailAddressError: for one that is none
    """
    entries = split_emails(people) if isinstance(people, str) else list(people or [])
    for entry in entries:
        # A line break inside one entry is an attempt to write a header of one's own.
        if re.search(r"[\r\n]", entry.strip()):
            frappe.throw(
                frappe._("{0} is not a valid Email Address").format(frappe.utils.escape_html(entry)),
                frappe.InvalidEmailAddressError,
            )
        validate_email_address(entry, True)
    return list(dict.fromkeys(entry.strip() for entry in entries if entry and entry.strip()))


def _header(people: list[str]) -> list[Address]:
    return [_address(*pair) for pair in getaddresses(people)]


def _address(name: str, address: str) -> Address:
    user, _at, domain = address.rpartition("@")
    return Address(sanitize_email_header(name), user, domain)


class EMail:
    """One message on its way to be written."""

    def __init__(self, subject: str, sender: str, account: Any) -> None:
        self.account = account
        self.subject = sanitize_email_header(frappe.utils.strip_html_tags(subject or "")).strip()
        self.original_sender = sender
        self.sender = parseaddr(sender)
        self._root = EmailMessage(policy=POLICY)
        self._html, self._text = "", ""
        self._inline: list[dict[str, Any]] = []
        self._files: list[tuple[str, bytes]] = []

    def replace_sender(self) -> None:
        """The account speaks in its own name where its settings say so."""
        name, address = self.sender
        if cint(self.account.always_use_account_email_id_as_sender):
            address = self.account.email_id
        if cint(self.account.always_use_account_name_as_sender_name):
            name = self.account.name
        self.sender = (name, address)

    def set_body(self, html: str, text: str) -> None:
        """Both readings of the text."""
        self._html, self._text = html, text

    def add_inline(self, images: list[dict[str, Any]] | None) -> None:
        """Pictures that the text shows: `<img embed="…">` becomes a reference to one of them."""
        for image in images or []:
            content = image.get("filecontent")
            if not content:
                continue
            cid = frappe.generate_hash(length=10)
            name = image["filename"]
            self._html = re.sub(rf"""embed=(["']){re.escape(name)}\1""", f'src="cid:{cid}"', self._html)
            self._inline.append({"cid": cid, "name": name.rsplit("/", 1)[-1], "content": content})

    def add_file(self, name: str, content: bytes | str) -> None:
        """Something that travels with the text."""
        data = content.encode() if isinstance(content, str) else content
        self._files.append((sanitize_email_header(name) or "file", data))

    def write(self, headers: dict[str, Any]) -> EmailMessage:
        """The whole message: alternatives of the text, its pictures, and the files."""
        root = self._root
        # First of all, so that nothing that follows can take its place.
        root["Message-Id"] = headers.pop("Message-Id")
        root["X-Original-From"] = str(_address(*parseaddr(self.original_sender)))
        root["Subject"] = self.subject
        root["From"] = [_address(*self.sender)]
        root["Date"] = formatdate(time.time())
        for name, value in headers.items():
            if value:
                root[name] = _header(value) if isinstance(value, list) else sanitize_email_header(value)
        root["X-Frappe-Site"] = get_url()
        alternative = MIMEPart(policy=POLICY)
        alternative.set_content(self._text, cte="quoted-printable")
        alternative.add_alternative(self._html, subtype="html", cte="quoted-printable")
        for image in self._inline:
            kind = _kind(image["name"])
            alternative.get_payload()[1].add_related(
                image["content"], *kind, cid=f"<{image['cid']}>", filename=image["name"], disposition="inline"
            )
        root.make_mixed()
        root.attach(alternative)
        for name, content in self._files:
            attach(root, name, content)
        return root


def attach(message: EmailMessage, name: str, content: bytes) -> None:
    """Puts a file into a message."""
    message.add_attachment(content, *_kind(name), filename=name)


def _kind(name: str) -> tuple[str, str]:
    main, _slash, sub = (mimetypes.guess_type(name)[0] or "application/octet-stream").partition("/")
    # A file is a file: text is not read as part of the message, and keeps its bytes.
    return ("application", "octet-stream") if main in {"message", "multipart"} else (main, sub)


def get_header(header: Any) -> dict[str, str] | None:
    """`["Title", "green"]` or a text: what stands above the text."""
    if not header:
        return None
    title, indicator = header if isinstance(header, list | tuple) else (header, "")
    return {"title": title, "indicator": indicator if re.fullmatch(r"[a-z]*", indicator or "") else ""}


def get_formatted_html(
    subject: str,
    message: str,
    email_account: Any = None,
    header: Any = None,
    with_container: bool = False,
    unsubscribe_link: Any = None,
    sender: str | None = None,
) -> str:
    """The text in the frame of every mail, with its style beside each element."""
    account = email_account or frappe._dict()
    html = frappe.get_template("templates/emails/standard.html").render(
        content=message, header=get_header(header), title=subject, with_container=with_container or bool(header),
        css=_css(), lang=frappe.local.lang, signature=_signature(account), account_footer=account.get("footer"),
        brand_logo=account.get("brand_logo"), default_footers=_default_footers(),
    )  # fmt: skip
    if unsubscribe_link:
        html = html.replace(UNSUBSCRIBE_LINK, unsubscribe_link.html)
    return inline_style_in_html(_with_full_addresses(html))


def _signature(account: Any) -> str | None:
    return account.get("signature") if cint(account.get("add_signature")) else None


def _default_footers() -> list[str]:
    return [str(line) for line in frappe.get_hooks("default_mail_footer") or []]


def _css() -> str:
    """Our own style and what the apps add by `email_css`."""
    return _CSS + "\n".join(_asset(path) for path in frappe.get_hooks("email_css") or [])


def _asset(path: str) -> str:
    """The text of `/assets/<app>/…`; nothing for a file that is not there."""
    prefix, app, *rest = path.strip("/").split("/")
    if prefix != "assets" or ".." in rest:
        return ""
    file = Path(frappe.get_app_path(app, "public", *rest))
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _with_full_addresses(html: str) -> str:
    """A mail has no site around it: paths become addresses."""
    return re.sub(r"""\b(href|src)=(["'])(/(?!/)[^"']*)\2""", lambda m: f"{m[1]}={m[2]}{get_url(m[3])}{m[2]}", html)  # fmt: skip


def inline_style_in_html(html: str) -> str:
    """Style sheets written into the elements, for readers that take nothing else."""
    from css_inline import CSSInliner

    return CSSInliner(load_remote_stylesheets=False, keep_at_rules=True).inline(html)


def get_email(
    recipients: Any,
    sender: str = "",
    msg: str = "",
    subject: str = "[No Subject]",
    text_content: str | None = None,
    attachments: list | None = None,
    content: str | None = None,
    reply_to: str | None = None,
    cc: Any = None,
    bcc: Any = None,
    email_account: Any = None,
    expose_recipients: str | None = None,
    inline_images: list | None = None,
    header: Any = None,
    message_id: str | None = None,
    more_headers: dict[str, str] | None = None,
    unsubscribe_link: Any = None,
    with_container: bool = False,
) -> EmailMessage:
    """A message for everybody, with a mark where the receiver stands unless all are to see each other."""
    mail = EMail(subject, sender or email_account.default_sender, email_account)
    mail.replace_sender()
    html = content or msg or ""
    if not re.search(r"<[a-zA-Z!/]", html):
        html = markdown(html)
    text = text_content or plain_text(html) + (unsubscribe_link.text if unsubscribe_link else "")
    mail.set_body(
        get_formatted_html(mail.subject, html, email_account, header, with_container, unsubscribe_link), text
    )
    mail.add_inline(inline_images)
    for entry in attachments or []:
        mail.add_file(entry.get("fname") or "file", entry.get("fcontent") or b"")
    call_hook_method("make_email_body_message", mail)
    exposed = expose_recipients == "header"
    headers: dict[str, Any] = {
        "Message-Id": f"<{(message_id or get_message_id()).strip('<>')}>",
        "To": addresses(recipients) if exposed else RECIPIENT,
        "CC": addresses(cc) if exposed else None,
        "Reply-To": addresses(reply_to or [mail.sender[1]]),
        **(more_headers or {}),
    }
    return mail.write(headers)
