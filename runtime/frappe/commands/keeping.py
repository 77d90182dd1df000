"""Commands that make, drop, copy and restore sites."""

from __future__ import annotations

import os
import shutil
import tarfile
import time
from typing import Any

import click

import frappe
from frappe.commands import get_site, pass_context
from frappe.commands.cli import GivenPath
from frappe.commands.site import each_site, make_default, opened
from frappe.database import sites
from frappe.database.sites import Root

_ROOT = (
    click.option("--db-root-username", "--mariadb-root-username", default="root", show_default=True,
                 help="Who may make databases on the server."),
    click.option("--db-root-password", "--mariadb-root-password", default=None,
                 help="His password; asked for when missing."),
    click.option("--mariadb-user-host-login-scope", "scope", default="",
                 help="Hosts from which the site's user may come."),
)  # fmt: skip
_DATABASE = (
    click.option("--db-type", default="sqlite", type=click.Choice(sites.KINDS), show_default=True),
    click.option("--db-host", default=None, help="Address of the server."),
    click.option("--db-port", default=None, type=int),
    click.option("--db-socket", default=None, help="Socket of the server, instead of an address."),
    click.option("--db-name", default=None, help="Made from the site's name when missing."),
    click.option("--db-user", default=None, help="Called like the database when missing."),
    click.option("--db-password", default=None, help="Password of the site's user; made up when missing."),
    click.option(
        "--setup-db/--no-setup-db", default=True, help="Make database and user, or take those named."
    ),
)


def _options(options: tuple) -> Any:
    def add(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return add


def _root(user: str, password: str | None, scope: str) -> Root:
    if password is None:
        password = click.prompt(f"Password of {user} on the database server", hide_input=True)
    return Root(user, password, scope)


@click.command("new-site")
@click.argument("site")
@click.option("--admin-password", default=None, help="Password of Administrator; asked for when missing.")
@_options(_DATABASE)
@_options(_ROOT)
@click.option("--install-app", "apps", multiple=True)
@click.option("--force", is_flag=True)
@click.option("--set-default", is_flag=True)
@pass_context
def new_site(context: Any, site: str, admin_password: str | None, apps: tuple, force: bool, set_default: bool,
             db_type: str, setup_db: bool, db_root_username: str, db_root_password: str | None, scope: str,
             **database: Any) -> None:  # fmt: skip
    """Make a site."""
    from frappe import installer

    password = admin_password or click.prompt(
        "Administrator password", hide_input=True, confirmation_prompt=True
    )
    root = None
    if db_type == "mariadb" and setup_db:
        root = _root(db_root_username, db_root_password, scope)
    os.makedirs(context.sites_path, exist_ok=True)
    given = {key: value for key, value in database.items() if value is not None}
    installer.new_site(
        site, context.sites_path, password, db_type, force=force or context.force, config=given, root=root
    )
    for app in apps:
        installer.install_app(app)
    frappe.destroy()
    if set_default:
        make_default(context.sites_path, site)
    click.echo(f"Site {site} is ready")


@click.command("drop-site")
@click.argument("site")
@_options(_ROOT)
@click.option("--archived-sites-path", default=None, type=GivenPath(file_okay=False))
@click.option("--no-backup", is_flag=True, help="Drop a database on a server without a copy of it.")
@click.option("--force", is_flag=True)
@pass_context
def drop_site(context: Any, site: str, force: bool, no_backup: bool, archived_sites_path: str | None,
              db_root_username: str, db_root_password: str | None, scope: str) -> None:  # fmt: skip
    """Move a site into the archive folder; a database on a server is copied into it and dropped."""
    path = os.path.join(context.sites_path, site)
    if not os.path.exists(os.path.join(path, "site_config.json")):
        raise frappe.IncorrectSitePath(f"There is no site {site}")
    if not force:
        click.confirm(f"Drop {site}?", abort=True)
    frappe.init(site, sites_path=context.sites_path, force=True)
    if frappe.local.conf.db_type != "sqlite":
        root = _root(db_root_username, db_root_password, scope)
        if not no_backup:
            _copy(site, with_files=False, folder=None)
        sites.drop(root)
    frappe.destroy()
    archive = archived_sites_path or os.path.join(os.path.dirname(context.sites_path), "archived", "sites")
    os.makedirs(archive, exist_ok=True)
    shutil.move(path, os.path.join(archive, f"{site}-{int(time.time())}"))


@click.command("backup")
@click.option("--with-files", is_flag=True)
@click.option("--backup-path", default=None, type=GivenPath(file_okay=False), help="Folder of the copies.")
@pass_context
def backup(context: Any, with_files: bool, backup_path: str | None) -> None:
    """Write a consistent copy of the database, and of the files if told so."""
    for site in each_site(context):
        with opened(context, site):
            click.echo(_copy(site, with_files, backup_path))


def _copy(site: str, with_files: bool, folder: str | None) -> str:
    """Writes the copies; returns the path of the database's."""
    folder = os.path.abspath(folder or os.path.join(frappe.local.site_path, "private", "backups"))
    os.makedirs(folder, exist_ok=True)
    base = os.path.join(folder, f"{time.strftime('%Y%m%d_%H%M%S')}-{site.replace('.', '_')}")
    database, config = sites.back_up(base), f"{base}-site_config_backup.json"
    shutil.copy(os.path.join(frappe.local.site_path, "site_config.json"), config)
    for copy in (database, config):
        # Both hold secrets: password hashes and the key of encrypted fields.
        os.chmod(copy, 0o600)
    if with_files:
        with tarfile.open(f"{base}-files.tar.gz.partial", "w:gz") as archive:
            for part in ("public/files", "private/files"):
                archive.add(os.path.join(frappe.local.site_path, part), arcname=part)
        os.replace(f"{base}-files.tar.gz.partial", f"{base}-files.tar.gz")
    return database


@click.command("restore")
@click.argument("database", type=GivenPath(exists=True, dir_okay=False))
@click.option(
    "--with-files",
    "files",
    default=None,
    type=GivenPath(exists=True, dir_okay=False),
    help="The archive of files.",
)
@click.option("--force", is_flag=True)
@pass_context
def restore(context: Any, database: str, files: str | None, force: bool) -> None:
    """Replace the site's database by a copy."""
    site = get_site(context)
    frappe.init(site, sites_path=context.sites_path, force=True)
    try:
        sites.check_copy(database)
        if not (force or context.force):
            click.confirm(f"Replace the database of {site}?", abort=True)
        sites.restore(database)
    except frappe.ValidationError as error:
        raise click.ClickException(str(error)) from error
    if files:
        with tarfile.open(files) as archive:
            archive.extractall(frappe.local.site_path, filter="data")
    with opened(context):
        frappe.clear_cache()
        frappe.db.commit()
    click.echo(f"{site} restored")


commands = {command.name: command for command in (new_site, drop_site, backup, restore)}
