"""The way to an outgoing mail server."""

from __future__ import annotations

import smtplib
import ssl
from typing import Any

import frappe
from frappe import _
from frappe.utils import cint

#: Seconds that a mail server may take for one answer.
TIMEOUT = 60


class InvalidEmailCredentials(frappe.ValidationError):
    """The mail server does not accept name and password."""


class SMTPServer:
    """One mail server, with a session that is opened when it is first needed and again when it has been lost."""

    def __init__(
        self,
        server: str,
        login: str | None = None,
        email_account: str | None = None,
        password: str | None = None,
        port: Any = None,
        use_tls: Any = None,
        use_ssl: Any = None,
        use_oauth: int = 0,
        access_token: str | None = None,
    ) -> None:
        self.server = server
        self.login = login
        self.email_account = email_account
        self.password = password
        self.use_tls = cint(use_tls)
        self.use_ssl = cint(use_ssl)
        self._port = cint(port)
        self._session: smtplib.SMTP | None = None
        if not self.server:
            frappe.msgprint(
                _("Email Account not setup. Please create a new Email Account from Settings > Email Account"),
                raise_exception=frappe.OutgoingEmailError,
            )

    @property
    def port(self) -> int:
        """The port asked for, or the usual one of the way that the session is protected."""
        return self._port or (465 if self.use_ssl else 587 if self.use_tls else 25)

    @property
    def session(self) -> smtplib.SMTP:
        """A session that is signed in.

        :raises InvalidEmailCredentials: when the server refuses name and password
        :raises frappe.ValidationError: when the server cannot be reached or does not speak as it should
        """
        if self._session is None or not self.is_session_active():
            self._session = self._open()
        return self._session

    def _open(self) -> smtplib.SMTP:
        try:
            session = self._connect()
            if self.login and self.password:
                session.login(str(self.login), str(self.password))
            return session
        except smtplib.SMTPAuthenticationError:
            self.throw_invalid_credentials_exception(self.email_account)
        except (OSError, smtplib.SMTPException) as error:
            frappe.throw(
                _("Invalid Outgoing Mail Server or Port: {0}").format(str(error)),
                title=_("Incorrect Configuration"),
            )

    def _connect(self) -> smtplib.SMTP:
        # As in Frappe, certificates are not checked: mail servers of an intranet sign their own. What protects
        # a password here is the network between the two.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if self.use_ssl:
            return smtplib.SMTP_SSL(self.server, self.port, timeout=TIMEOUT, context=context)
        session = smtplib.SMTP(self.server, self.port, timeout=TIMEOUT)
        if self.use_tls:
            session.ehlo()
            session.starttls(context=context)
            session.ehlo()
        return session

    def is_session_active(self) -> bool:
        """Whether the server still answers."""
        if self._session is None:
            return False
        try:
            return self._session.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def quit(self) -> None:
        """Ends the session; a server that is gone already is left alone."""
        session, self._session = self._session, None
        if session is None:
            return
        try:
            session.quit()
        except (OSError, smtplib.SMTPException):
            session.close()

    @classmethod
    def throw_invalid_credentials_exception(cls, email_account: str | None = None) -> None:
        """Tells whoever can mend it which account is meant.

        :raises InvalidEmailCredentials: always
        """
        frappe.throw(
            _("Incorrect email or password. Please check the login of the Email Account {0}.").format(
                email_account or ""
            ),
            title=_("Invalid Credentials"),
            exc=InvalidEmailCredentials,
        )
