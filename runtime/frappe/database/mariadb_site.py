"""A site's database on a MariaDB server: made with its own user, dropped, copied and replaced by the server's tools."""

from __future__ import annotations

import gzip
import hashlib
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import IO, Any

import MySQLdb

import frappe
from frappe.database.mariadb import settings_of
from frappe.database.names import identifier

_ADDRESS = ("db_host", "db_port", "db_socket", "db_ssl_ca", "db_ssl_cert", "db_ssl_key")
_LOCAL = ("localhost", "127.0.0.1", "::1")
_LAST_LINE = b"-- Dump completed"
_SIGN = b"CREATE TABLE `tabDocType`"


def configuration(site: str, given: dict[str, Any]) -> dict[str, Any]:
    """Address, name, user and password; a name and a password are made up where nobody gave them."""
    name = given.get("db_name") or "_" + hashlib.sha256(site.encode()).hexdigest()[:16]
    known = {key: given[key] for key in (*_ADDRESS, "db_user") if given.get(key)}
    return {"db_name": name, "db_password": given.get("db_password") or secrets.token_urlsafe(16), **known}


# -- making and dropping


@contextmanager
def _as_root(root: Any) -> Iterator[Any]:
    """A cursor of somebody who may make databases."""
    settings = settings_of(frappe.local.conf) | {"user": root.user, "password": root.password}
    settings.pop("database")
    with closing(MySQLdb.connect(**settings, charset="utf8mb4", autocommit=True)) as connection:
        yield connection.cursor()


def _scopes(root: Any) -> tuple[str, ...]:
    """Hosts from which the site's user may come."""
    if root.scope:
        return (root.scope,)
    conf = frappe.local.conf
    return _LOCAL[:2] if conf.get("db_socket") or conf.get("db_host", "127.0.0.1") in _LOCAL else ("%",)


def make(root: Any, force: bool) -> None:
    """The database and its user, who may do anything there and nothing elsewhere.

    Without somebody who may make databases, the one that the configuration names is taken, and must be empty.
    """
    if root is None:
        _take_given(force)
        return
    settings = settings_of(frappe.local.conf)
    name = identifier(settings["database"])
    with _as_root(root) as cursor:
        if cursor.execute("show databases like %s", (_pattern(settings["database"]),)) and not force:
            raise frappe.SiteExistsError(f"The database {settings['database']} exists already")
        cursor.execute(f"drop database if exists {name}")
        cursor.execute(f"create database {name} character set utf8mb4 collate utf8mb4_unicode_ci")
        for host in _scopes(root):
            who = (settings["user"], host)
            cursor.execute("create or replace user %s@%s identified by %s", (*who, settings["password"]))
            cursor.execute(f"grant all privileges on `{_pattern(settings['database'])}`.* to %s@%s", who)


def _pattern(name: str) -> str:
    """Where the server expects a pattern, `_` and `%` would mean any character."""
    identifier(name)
    return name.replace("_", "\\_").replace("%", "\\%")


def _take_given(force: bool) -> None:
    with closing(MySQLdb.connect(**settings_of(frappe.local.conf), charset="utf8mb4")) as connection:
        cursor = connection.cursor()
        if cursor.execute("show tables") and not force:
            raise frappe.SiteExistsError(f"The database {frappe.local.conf.db_name} is not empty")
        _empty(cursor)


def _empty(cursor: Any) -> None:
    """Drops tables, views and counters."""
    cursor.execute("show full tables")
    for name, kind in cursor.fetchall():
        word = {"VIEW": "view", "SEQUENCE": "sequence"}.get(kind, "table")
        cursor.execute(f"drop {word} if exists {identifier(name)}")


def drop(root: Any) -> None:
    """The database goes, and its user with it."""
    settings = settings_of(frappe.local.conf)
    with _as_root(root) as cursor:
        cursor.execute(f"drop database if exists {identifier(settings['database'])}")
        for host in _scopes(root):
            cursor.execute("drop user if exists %s@%s", (settings["user"], host))


# -- copies


def _program(*names: str) -> str:
    for name in names:
        if found := shutil.which(name):
            return found
    raise frappe.ValidationError(f"{names[0]} is missing: apt-get install mariadb-client")


@contextmanager
def _secret_options() -> Iterator[str]:
    """A file with address and password: what stands on a command line, everybody on the machine can read."""
    settings = settings_of(frappe.local.conf)
    names = {"user": "user", "password": "password", "host": "host", "port": "port", "unix_socket": "socket"}
    lines = ["[client]"]
    for key, name in names.items():
        if key in settings:
            value = str(settings[key]).replace("\\", "\\\\").replace('"', '\\"')
            lines.append(f'{name}="{value}"')
    lines += [f'ssl-{name}="{path}"' for name, path in settings.get("ssl", {}).items()]
    with tempfile.NamedTemporaryFile("w", suffix=".cnf") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        yield file.name


def back_up(base: str) -> str:
    """A copy of one moment, as a compressed script: the server keeps that moment while others write."""
    target = f"{base}-database.sql.gz"
    with _secret_options() as options:
        command = [
            _program("mariadb-dump", "mysqldump"), f"--defaults-file={options}", "--single-transaction", "--quick",
            "--skip-lock-tables", "--hex-blob", "--default-character-set=utf8mb4", frappe.local.conf.db_name,
        ]  # fmt: skip
        partial = f"{target}.partial"
        # Nobody else may read the copy, not even while it is written.
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw, gzip.open(raw, "wb", 6) as packed:  # fmt: skip
            _run(command, output=packed)
    os.replace(partial, target)
    return target


def _run(command: list[str], *, output: Any = None, source: Any = None) -> None:
    """Runs a program of the server, with what it writes or reads as files of Python.

    :raises frappe.ValidationError: with its last words, when it fails
    """
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(  # noqa: S603 - fixed programs; names come from the configuration
            command,
            stdin=subprocess.PIPE if source else subprocess.DEVNULL,
            stdout=subprocess.PIPE if output else subprocess.DEVNULL,
            stderr=words,
        )
        try:
            if output:
                shutil.copyfileobj(process.stdout, output, 1 << 20)
            if source:
                shutil.copyfileobj(source, process.stdin, 1 << 20)
                process.stdin.close()
        except BrokenPipeError:
            pass
        finally:
            code = process.wait()
        if code:
            words.seek(0)
            text = words.read().decode(errors="replace").strip()[-1000:]
            raise frappe.ValidationError(f"{os.path.basename(command[0])}: {text or code}")


def _opened(path: str) -> IO[bytes]:
    return gzip.open(path, "rb") if path.endswith(".gz") else open(path, "rb")


def check_copy(path: str) -> None:
    """It can be read to its end, knows of DocTypes, and its last line says that the dump was completed."""
    signed, tail = False, b""
    try:
        with _opened(path) as file:
            while piece := file.read(1 << 20):
                window = tail + piece
                signed = signed or _SIGN in window
                tail = window[-200:]
    except (OSError, EOFError, gzip.zlib.error) as error:
        raise frappe.ValidationError(f"{path} is damaged ({error}); nothing was changed") from error
    if not signed:
        raise frappe.ValidationError(f"{path} is no copy of a site; nothing was changed")
    if _LAST_LINE not in tail:
        raise frappe.ValidationError(f"{path} is damaged: its end is missing; nothing was changed")


def restore(path: str) -> None:
    """Empties the database and runs the script. What was there is copied first and comes back should that fail."""
    with tempfile.TemporaryDirectory() as folder:
        before = back_up(os.path.join(folder, "before"))
        try:
            _load(path)
        except Exception:
            _load(before)
            raise


def _load(path: str) -> None:
    with closing(MySQLdb.connect(**settings_of(frappe.local.conf), charset="utf8mb4")) as connection:
        _empty(connection.cursor())
    with _secret_options() as options, _opened(path) as script:
        program = _program("mariadb", "mysql")
        # In binary mode the client obeys nothing but SQL: no line of the script can start a program.
        _run([program, f"--defaults-file={options}", "--binary-mode", "--default-character-set=utf8mb4", frappe.local.conf.db_name], source=script)  # fmt: skip
