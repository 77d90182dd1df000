"""Commands that make, change, keep and restore sites."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import click

import frappe
from frappe.commands import get_site, pass_context
from frappe.commands.cli import GivenPath, read_json_argument


def each_site(context: Any) -> list[str]:
    """The sites that are meant: one, or every one with `--site all`.

    :raises frappe.SiteNotSpecifiedError: when none is
    """
    get_site(context)
    return context.sites


@contextmanager
def opened(context: Any, site: str | None = None) -> Iterator[str]:
    """A site, connected as Administrator; the first that is meant when none is named."""
    site = site or get_site(context)
    frappe.init(site, sites_path=context.sites_path, force=True)
    frappe.connect()
    try:
        yield site
    finally:
        frappe.destroy()


@click.command("new-site")
@click.argument("site")
@click.option("--admin-password", default=None, help="Password of Administrator; asked for when missing.")
@click.option("--db-type", default="sqlite", type=click.Choice(["sqlite"]))
@click.option("--install-app", "apps", multiple=True)
@click.option("--force", is_flag=True)
@click.option("--set-default", is_flag=True)
@pass_context
def new_site(
    context: Any,
    site: str,
    admin_password: str | None,
    db_type: str,
    apps: tuple,
    force: bool,
    set_default: bool,
):
    """Make a site."""
    from frappe import installer

    password = admin_password or click.prompt(
        "Administrator password", hide_input=True, confirmation_prompt=True
    )
    os.makedirs(context.sites_path, exist_ok=True)
    installer.new_site(site, context.sites_path, password, db_type, force=force or context.force)
    for app in apps:
        installer.install_app(app)
    frappe.destroy()
    if set_default:
        _use(context.sites_path, site)
    click.echo(f"Site {site} is ready")


@click.command("drop-site")
@click.argument("site")
@click.option("--force", is_flag=True)
@pass_context
def drop_site(context: Any, site: str, force: bool) -> None:
    """Move a site into the archive folder."""
    path = os.path.join(context.sites_path, site)
    if not os.path.exists(os.path.join(path, "site_config.json")):
        raise frappe.IncorrectSitePath(f"There is no site {site}")
    if not force:
        click.confirm(f"Drop {site}?", abort=True)
    archive = os.path.join(os.path.dirname(context.sites_path), "archived", "sites")
    os.makedirs(archive, exist_ok=True)
    shutil.move(path, os.path.join(archive, f"{site}-{int(time.time())}"))


@click.command("install-app")
@click.argument("apps", nargs=-1, required=True)
@click.option("--force", is_flag=True)
@pass_context
def install_app(context: Any, apps: tuple, force: bool) -> None:
    """Install apps into the site."""
    from frappe import installer

    for site in each_site(context):
        with opened(context, site):
            for app in apps:
                done = installer.install_app(app, force=force or context.force)
                click.echo(f"{app}: {'installed' if done else 'was installed before'}")


@click.command("uninstall-app")
@click.argument("app")
@click.option("--yes", "-y", is_flag=True)
@click.option("--dry-run", is_flag=True, help="Show what would be deleted.")
@click.option("--no-backup", is_flag=True, help="For scripts of benches: no copy is made here anyway.")
@click.option("--force", is_flag=True, help="Also when the site does not list the app.")
@pass_context
def uninstall_app(context: Any, app: str, yes: bool, dry_run: bool, no_backup: bool, force: bool) -> None:
    """Take an app and its records out of the site."""
    from frappe import installer

    if not (yes or dry_run):
        click.confirm(f"All records of {app} will be deleted. Go on?", abort=True)
    with opened(context):
        installer.remove_app(app, dry_run=dry_run, no_backup=no_backup, force=force)


@click.command("list-apps")
@pass_context
def list_apps(context: Any) -> None:
    """List the site's apps."""
    for site in each_site(context):
        with opened(context, site):
            if len(context.sites) > 1:
                click.echo(site)
            for app in frappe.get_installed_apps():
                click.echo(app)


@click.command("migrate")
@pass_context
def migrate(context: Any) -> None:
    """Bring the site into line with its apps."""
    from frappe.migrate import migrate as run

    for site in each_site(context):
        with opened(context, site):
            done = run()
        click.echo(f"{site}: patches: {done['patches']}, files: {done['files']}")


def _use(sites_path: str, site: str) -> None:
    from frappe._config import update_site_config

    update_site_config("default_site", site, os.path.join(sites_path, "common_site_config.json"))


@click.command("use")
@click.argument("site")
@pass_context
def use(context: Any, site: str) -> None:
    """Make a site the default."""
    if not os.path.exists(os.path.join(context.sites_path, site, "site_config.json")):
        raise frappe.IncorrectSitePath(f"There is no site {site}")
    _use(context.sites_path, site)


class TakesAnyValue(click.Command):
    """A command of flags and words; a word that begins with a dash (a key may) is no flag but one of its own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Flags first, then everything else as it is."""
        flags = {name for param in self.get_params(ctx) for name in param.opts}
        if "--" not in args:
            args = [*(arg for arg in args if arg in flags), "--", *(arg for arg in args if arg not in flags)]
        return super().parse_args(ctx, args)


@click.command("set-config", cls=TakesAnyValue)
@click.argument("key")
@click.argument("value")
@click.option("--global", "-g", "everywhere", is_flag=True)
@click.option("--parse", "-p", is_flag=True, help="The value is JSON.")
@pass_context
def set_config(context: Any, key: str, value: str, everywhere: bool, parse: bool) -> None:
    """Write a key of the configuration."""
    from frappe._config import update_site_config

    entry = read_json_argument(value, None) if parse else value
    if everywhere:
        update_site_config(key, entry, os.path.join(context.sites_path, "common_site_config.json"))
        return
    for site in each_site(context):
        folder = os.path.join(context.sites_path, site)
        if not os.path.exists(os.path.join(folder, "site_config.json")):
            raise frappe.IncorrectSitePath(f"There is no site {site}")
        update_site_config(key, entry, os.path.join(folder, "site_config.json"))


@click.command("set-admin-password")
@click.argument("password", required=False)
@pass_context
def set_admin_password(context: Any, password: str | None) -> None:
    """Set the Administrator's password."""
    from frappe.utils.password import update_password

    password = password or click.prompt("Administrator password", hide_input=True, confirmation_prompt=True)
    with opened(context):
        update_password("Administrator", password)
        frappe.db.commit()


@click.command("add-user")
@click.argument("email")
@click.option("--first-name", default=None)
@click.option("--password", default=None)
@click.option("--add-role", "roles", multiple=True)
@pass_context
def add_user(context: Any, email: str, first_name: str | None, password: str | None, roles: tuple) -> None:
    """Add a user."""
    with opened(context):
        user = frappe.get_doc(doctype="User", email=email, first_name=first_name or email.split("@")[0], enabled=1,
                              new_password=password, send_welcome_email=0)  # fmt: skip
        for role in roles:
            user.append("roles", {"role": role})
        user.insert(ignore_permissions=True)
        frappe.db.commit()


@click.command("clear-cache")
@pass_context
def clear_cache(context: Any) -> None:
    """Forget what is cached."""
    for site in each_site(context):
        with opened(context, site):
            frappe.clear_cache()
            frappe.cache.flushall()
            frappe.db.commit()


@click.command("scheduler")
@click.argument("state", type=click.Choice(["enable", "disable", "status"]))
@pass_context
def scheduler(context: Any, state: str) -> None:
    """Switch scheduled jobs on or off."""
    from frappe.utils.scheduler import is_scheduler_disabled, toggle_scheduler

    with opened(context):
        if state != "status":
            toggle_scheduler(state == "enable")
            frappe.db.commit()
        click.echo("disabled" if is_scheduler_disabled() else "enabled")


def _callable(path: str) -> Any:
    """The function behind a dotted path; `frappe.db.count` is an attribute of a name, not of a module.

    :raises click.ClickException: when there is no such function
    """
    parts = path.split(".")
    try:
        if parts[:2] in (["frappe", "db"], ["frappe", "cache"]):
            target: Any = frappe
            for part in parts[1:]:
                target = getattr(target, part)
            return target
        return frappe.get_attr(path)
    except (AttributeError, ModuleNotFoundError) as error:
        raise click.ClickException(f"There is no function {path}: {error}") from error


@click.command("execute")
@click.argument("method")
@click.option("--args", default=None, help="JSON list")
@click.option("--kwargs", default=None, help="JSON object")
@pass_context
def execute(context: Any, method: str, args: str | None, kwargs: str | None) -> None:
    """Run a function by its dotted path and print what it returns."""
    for site in each_site(context):
        with opened(context, site):
            answer = _callable(method)(*read_json_argument(args, []), **read_json_argument(kwargs, {}))
            frappe.db.commit()
            if answer is not None:
                click.echo(frappe.as_json(answer, indent=1, ensure_ascii=False))


@click.command("console")
@pass_context
def console(context: Any) -> None:
    """A Python prompt in the site."""
    import code

    with opened(context) as site:
        code.interact(
            banner=f"{site}: frappe is imported; frappe.db.commit() makes changes lasting",
            local={"frappe": frappe},
        )


@click.command("backup")
@click.option("--with-files", is_flag=True)
@click.option("--backup-path", default=None, type=GivenPath(file_okay=False), help="Folder of the copies.")
@pass_context
def backup(context: Any, with_files: bool, backup_path: str | None) -> None:
    """Write a consistent copy of the database, and of the files if told so."""
    for site in each_site(context):
        with opened(context, site):
            click.echo(_back_up(site, with_files, backup_path))


def _back_up(site: str, with_files: bool, backup_path: str | None) -> str:
    """Writes the copies; returns the path of the database's."""
    folder = os.path.abspath(backup_path or os.path.join(frappe.local.site_path, "private", "backups"))
    os.makedirs(folder, exist_ok=True)
    base = os.path.join(folder, f"{time.strftime('%Y%m%d_%H%M%S')}-{site.replace('.', '_')}")
    frappe.db.backup_to(f"{base}-database.db")
    shutil.copy(os.path.join(frappe.local.site_path, "site_config.json"), f"{base}-site_config_backup.json")
    for copy in (f"{base}-database.db", f"{base}-site_config_backup.json"):
        # Both hold secrets: password hashes and the key of encrypted fields.
        os.chmod(copy, 0o600)
    if with_files:
        with tarfile.open(f"{base}-files.tar.gz", "w:gz") as archive:
            for part in ("public/files", "private/files"):
                archive.add(os.path.join(frappe.local.site_path, part), arcname=part)
    return f"{base}-database.db"


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
    with closing(sqlite3.connect(f"file:{os.path.abspath(database)}?mode=ro", uri=True)) as copy:
        _refuse_damaged(copy, database)
        if not (force or context.force):
            click.confirm(f"Replace the database of {site}?", abort=True)
        target = os.path.join(frappe.local.site_path, "db", f"{frappe.local.conf.db_name or 'site'}.db")
        with closing(sqlite3.connect(target, timeout=60)) as live:
            copy.backup(live)
    if files:
        with tarfile.open(files) as archive:
            archive.extractall(frappe.local.site_path, filter="data")
    with opened(context):
        frappe.clear_cache()
        frappe.db.commit()
    click.echo(f"{site} restored")


def _refuse_damaged(copy: sqlite3.Connection, path: str) -> None:
    """Looks at a copy before anything is replaced by it.

    :raises click.ClickException: when it is no whole database of a site
    """
    try:
        sound = copy.execute("pragma integrity_check").fetchone()[0] == "ok"
        copy.execute("select count(*) from `tabDocType`")
    except sqlite3.DatabaseError as error:
        raise click.ClickException(f"{path} is no copy of a site ({error}); nothing was changed") from error
    if not sound:
        raise click.ClickException(f"{path} is damaged; nothing was changed")


@click.command("version")
@pass_context
def version(context: Any) -> None:
    """Versions of host and apps."""
    import importlib

    for app in frappe.get_all_apps(sites_path=context.sites_path):
        click.echo(f"{app} {getattr(importlib.import_module(app), '__version__', '')}")


commands = {
    command.name: command
    for command in (
        new_site, drop_site, install_app, uninstall_app, list_apps, migrate, use, set_config, set_admin_password, add_user,
        clear_cache, scheduler, execute, console, backup, restore, version,
    )
}  # fmt: skip
