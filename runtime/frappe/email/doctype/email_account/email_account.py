"""Accounts that mail is sent by."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.email.smtp import SMTPServer
from frappe.model.document import Document
from frappe.utils import cint, validate_email_address

#: Settings that an account takes over from its domain.
DOMAIN_FIELDS = ("smtp_server", "smtp_port", "use_tls", "use_ssl_for_outgoing")


class EmailAccount(Document):
    """An address with the server that carries its mail."""

    def autoname(self) -> None:
        """Named by its title, else after the address."""
        self.email_account_name = (
            self.email_account_name or (self.email_id or "").partition("@")[0].replace("-", " ").title()
        )
        self.name = self.email_account_name

    def validate(self) -> None:
        """The address is one, and the server takes the account's name and password.

        :raises frappe.InvalidEmailAddressError: for an address that is none
        :raises frappe.ValidationError: for missing or wrong settings
        """
        if self.email_id:
            validate_email_address(self.email_id, True)
        if self.login_id_is_different and not self.login_id:
            frappe.throw(_("Login Id is required"))
        if not self.login_id_is_different:
            self.login_id = None
        self._refuse_second_account()
        self._take_from_domain()
        if frappe.local.flags.in_patch or frappe.local.flags.in_install or frappe.local.flags.in_migrate:
            return
        if self.awaiting_password or self.no_smtp_authentication or not self.enable_outgoing:
            self.password = None if self.awaiting_password else self.password
        elif not self.get_password("password", raise_exception=False) and not self.password:
            frappe.throw(_("Password is required or select Awaiting Password"))
        self.validate_smtp_conn()

    def _refuse_second_account(self) -> None:
        other = frappe.db.exists("Email Account", {"email_id": self.email_id, "name": ("!=", self.name)})
        if self.email_id and other:
            frappe.throw(_("Email Address must be unique"), frappe.UniqueValidationError)

    def _take_from_domain(self) -> None:
        if not self.domain:
            return
        row = frappe.db.get_value("Email Domain", self.domain, DOMAIN_FIELDS, as_dict=True)
        for fieldname in DOMAIN_FIELDS if row else ():
            self.set(fieldname, row[fieldname])

    def validate_smtp_conn(self) -> None:
        """Signs in once, so that a wrong setting is seen when it is made."""
        if not self.enable_outgoing or self.awaiting_password:
            return
        if not self.smtp_server:
            frappe.throw(_("SMTP Server is required"))
        server = self.get_smtp_server()
        try:
            _session = server.session
        finally:
            server.quit()

    def before_save(self) -> None:
        """An account that no longer sends is no default either."""
        if not self.enable_outgoing:
            self.default_outgoing = 0

    def on_update(self) -> None:
        """There is one default."""
        self.there_must_be_only_one_default()

    def there_must_be_only_one_default(self) -> None:
        """The account that was made the default last is it."""
        if not self.default_outgoing:
            return
        others = {"default_outgoing": 1, "name": ("!=", self.name)}
        for name in frappe.get_all("Email Account", others, pluck="name"):
            frappe.db.set_value("Email Account", name, "default_outgoing", 0)

    @property
    def default_sender(self) -> str:
        """Name and address as a header holds them."""
        from email.utils import formataddr

        return formataddr((self.name, self.get("email_id") or ""))

    def is_exists_in_db(self) -> bool:
        """Whether the account is a record, and not made of the site's configuration."""
        return bool(self.name and frappe.db.exists("Email Account", self.name))

    def sendmail_config(self) -> dict[str, Any]:
        """What the way to the server needs to know."""
        password = self.get("_password")
        if password is None and not self.no_smtp_authentication:
            password = self.get_password("password", raise_exception=not self.awaiting_password)
        login = None if self.no_smtp_authentication else self.login_id or self.email_id
        return {
            "email_account": self.name, "server": self.smtp_server, "port": cint(self.smtp_port), "login": login,
            "password": password, "use_ssl": cint(self.use_ssl_for_outgoing), "use_tls": cint(self.use_tls),
        }  # fmt: skip

    def get_smtp_server(self) -> SMTPServer:
        """The way to the server."""
        return SMTPServer(**self.sendmail_config())

    @classmethod
    def find_outgoing(
        cls,
        match_by_email: str | None = None,
        match_by_doctype: str | None = None,
        _raise_error: bool = False,
    ) -> EmailAccount | None:
        """The account that sends for an address, else the default one, else the one in the site's configuration.

        :raises frappe.OutgoingEmailError: with `_raise_error`, when there is none
        """
        account = None
        if match_by_email:
            address = validate_email_address(match_by_email)
            account = address and cls._find({"email_id": address, "enable_outgoing": 1})
        account = account or cls.find_default_outgoing()
        if not account and frappe.are_emails_muted():
            account = cls._from_values({"email_id": "notifications@example.com", "name": "Muted"})
        if not account and _raise_error:
            frappe.throw(
                _("Please setup default Email Account from Settings > Email Account"),
                frappe.OutgoingEmailError,
            )
        return account or None

    @classmethod
    def find_default_outgoing(cls) -> EmailAccount | None:
        """The default account, or the one in the site's configuration."""
        return cls._find({"enable_outgoing": 1, "default_outgoing": 1}) or cls.find_from_config()

    @classmethod
    def _find(cls, filters: dict) -> EmailAccount | None:
        name = frappe.db.get_value("Email Account", filters, "name")
        return frappe.get_doc("Email Account", name) if name else None

    @classmethod
    def find_from_config(cls) -> EmailAccount | None:
        """The account that `mail_server` and its neighbours in the site's configuration describe."""
        conf = frappe.local.conf
        if not conf.get("mail_server"):
            return None
        address = conf.get("auto_email_id") or conf.get("mail_login") or "notifications@example.com"
        return cls._from_values(
            {
                "name": conf.get("email_sender_name") or "Frappe", "email_id": address, "smtp_server": conf.get("mail_server"),
                "smtp_port": conf.get("mail_port"), "use_tls": cint(conf.get("use_tls")), "login_id": conf.get("mail_login"),
                "use_ssl_for_outgoing": cint(conf.get("use_ssl")), "_password": conf.get("mail_password") or "",
                "no_smtp_authentication": int(not conf.get("mail_login")),
                "always_use_account_email_id_as_sender": cint(conf.get("always_use_account_email_id_as_sender")),
            }
        )  # fmt: skip

    @classmethod
    def _from_values(cls, values: dict) -> EmailAccount:
        account = frappe.new_doc("Email Account")
        account.update({"enable_outgoing": 1, "default_outgoing": 1, **values})
        return account


@frappe.whitelist(methods=["POST"])
def set_email_password(email_account: str, password: str) -> bool:
    """Gives an account that waits for one its password; whether the server takes it."""
    doc = frappe.get_doc("Email Account", email_account)
    doc.check_permission("write")
    if not doc.awaiting_password:
        return True
    doc.awaiting_password, doc.password = 0, password
    try:
        doc.save()
    except frappe.ValidationError:
        frappe.db.rollback()
        return False
    return True
