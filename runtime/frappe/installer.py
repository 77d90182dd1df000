"""Making a site and installing apps into it."""

from __future__ import annotations

import importlib
import json
import os
import zoneinfo
from typing import Any

import frappe
from frappe._config import update_site_config
from frappe.database import sites
from frappe.database.sites import Root
from frappe.model import sync

#: In the configuration of a site that is being made.
_HALF_MADE = "half_made"
STANDARD_ROLES = (
    ("Administrator", 1), ("System Manager", 1), ("All", 0), ("Guest", 0), ("Desk User", 1), ("Report Manager", 1),
    ("Script Manager", 1), ("Workspace Manager", 1), ("Website Manager", 1), ("Dashboard Manager", 1), ("Translator", 1),
    ("Inbox User", 1), ("Prepared Report User", 1), ("Newsletter Manager", 1), ("Knowledge Base Editor", 1),
    ("Maintenance Manager", 1), ("Analytics", 1),
)  # fmt: skip


def new_site(
    site: str,
    sites_path: str,
    admin_password: str,
    db_type: str = "sqlite",
    force: bool = False,
    config: dict[str, Any] | None = None,
    root: Root | None = None,
) -> None:
    """Makes a site with the host installed in it.

    :param config: what its configuration says, such as address, name and password of the database
    :param root: who may make databases on the server; None to take the one that `config` names as it is
    :raises frappe.SiteExistsError: when the site exists and `force` is not given
    """
    folder = os.path.join(sites_path, site)
    path = os.path.join(folder, "site_config.json")
    if os.path.exists(path) and not force and not _is_half_made(path):
        raise frappe.SiteExistsError(f"The site {site} exists already")
    force = force or os.path.exists(path)
    _make_folders(folder)
    _write_config(folder, site, db_type, config or {})
    frappe.destroy()
    frappe.init(site, sites_path=sites_path, new_site=True, force=True)
    sites.make(root, force)
    frappe.flags.in_install = frappe.flags.in_install_db = True
    frappe.connect(set_admin_as_user=True)
    _install_host(admin_password)
    frappe.flags.in_install = frappe.flags.in_install_db = False
    update_site_config(_HALF_MADE, "None", path)
    frappe.local.conf.pop(_HALF_MADE, None)


def _is_half_made(path: str) -> bool:
    """Whether whoever made the site was interrupted: it may be made again."""
    with open(path, encoding="utf-8") as file:
        return bool(json.load(file).get(_HALF_MADE))


def _make_folders(folder: str) -> None:
    for path in ("private/files", "private/backups", "public/files", "logs", "locks", "db"):
        os.makedirs(os.path.join(folder, path), exist_ok=True)


def _write_config(folder: str, site: str, db_type: str, given: dict[str, Any]) -> None:
    """What an earlier site of this name was told stays, and so does its database, unless another one is meant."""
    from cryptography.fernet import Fernet

    path, known = os.path.join(folder, "site_config.json"), {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            known = json.load(file)
    if known.get("db_type", "sqlite") != db_type:
        known = {key: value for key, value in known.items() if not key.startswith("db_")}
    config = {"encryption_key": Fernet.generate_key().decode(), **known, **given}
    config |= sites.configuration(db_type, site, config) | {_HALF_MADE: 1}
    with open(f"{path}.partial", "w", encoding="utf-8") as file:
        json.dump(config, file, indent=1, sort_keys=True)
    os.chmod(f"{path}.partial", 0o600)
    os.replace(f"{path}.partial", path)


def _install_host(admin_password: str) -> None:
    from frappe.database.system_tables import create_system_tables
    from frappe.utils.scheduler import sync_jobs

    create_system_tables()
    sync.bootstrap(os.path.dirname(frappe.__file__))
    _add_modules("frappe")
    for role, desk in STANDARD_ROLES:
        frappe.get_doc(doctype="Role", role_name=role, desk_access=desk, is_custom=0).insert(
            ignore_permissions=True
        )
    for code, name in (("en", "English"), ("zh", "简体中文")):
        frappe.get_doc(doctype="Language", language_code=code, language_name=name, enabled=1).insert()
    for name in ("System User", "Website User"):
        frappe.get_doc(doctype="User Type", is_standard=1).insert(set_name=name)
    _add_users(admin_password)
    settings = frappe.get_doc("System Settings")
    settings.update({"language": "en", "time_zone": _machine_zone(), "date_format": "yyyy-mm-dd",
                     "time_format": "HH:mm:ss", "number_format": "#,###.##", "float_precision": "3",
                     "session_expiry": "12:00", "allow_consecutive_login_attempts": 5, "allow_login_after_fail": 60,
                     "minimum_password_score": 2, "max_file_size": 25, "first_day_of_the_week": "Monday",
                     "enable_scheduler": 1, "setup_complete": 0, "rounding_method": "Banker's Rounding"})  # fmt: skip
    settings.flags.update(ignore_permissions=True, ignore_mandatory=True)
    settings.save()
    add_to_installed_apps("frappe")
    sync.sync_for("frappe", force=True)
    sync.sync_fixtures("frappe")
    # A site has jobs of its own before it has an app.
    sync_jobs()
    frappe.db.commit()


def _machine_zone() -> str:
    """The time zone of the machine, by its name."""
    for path in (os.environ.get("TZ") or "", os.path.realpath("/etc/localtime")):
        name = path.rpartition("zoneinfo/")[2].lstrip(":")
        try:
            return zoneinfo.ZoneInfo(name).key
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            continue
    return "Etc/UTC"


def _add_users(admin_password: str) -> None:
    from frappe.utils.password import update_password

    for name, first_name, kind in (
        ("Administrator", "Administrator", "System User"),
        ("Guest", "Guest", "Website User"),
    ):
        user = frappe.get_doc(
            doctype="User", name=name, email=f"{name.lower()}@example.com", first_name=first_name, user_type=kind,
            enabled=1, send_welcome_email=0,
        )  # fmt: skip
        user.append("roles", {"role": name})
        user.flags.update(ignore_permissions=True, ignore_validate=True, ignore_links=True)
        user.insert(set_name=name)
    update_password("Administrator", admin_password)


def _add_modules(app: str) -> None:
    for module in frappe.get_module_list(app):
        if not frappe.db.sql("select `name` from `tabModule Def` where `name` = %s", (module,)):
            frappe.get_doc(doctype="Module Def", module_name=module, app_name=app, custom=0).insert(
                ignore_permissions=True
            )


def add_to_installed_apps(app: str) -> None:
    """Notes that an app is installed."""
    apps = frappe.parse_json(frappe.db.get_global("installed_apps") or "[]")
    if app not in apps:
        frappe.db.set_global("installed_apps", json.dumps([*apps, app]))
    _forget_everything()


def _forget_everything() -> None:
    from frappe._apps import clear_hook_cache
    from frappe.model.base_document import clear_controllers
    from frappe.utils.caching import invalidate

    clear_hook_cache()
    clear_controllers()
    invalidate()


def install_app(name: str, verbose: bool = False, set_as_patched: bool = True, force: bool = False) -> bool:
    """Installs an app, and before it those that it names as required; False when it is installed already.

    The hooks are called in Frappe's order: `after_install` sees the app's tables but not its fixtures yet,
    `after_sync` sees both.

    :raises frappe.AppNotFoundError: when it cannot be imported
    """
    try:
        importlib.import_module(f"{name}.hooks")
    except ImportError as error:
        raise frappe.AppNotFoundError(f"The app {name} cannot be imported: {error}") from error
    unfinished = frappe.db.exists("DefaultValue", {"defkey": f"installing::{name}", "parent": "__global"})
    if name in frappe.get_installed_apps() and not force and not unfinished:
        return False
    for required in _own_hooks(name, "required_apps"):
        # "someone/app" names the repository that a bench would fetch; the app is its last part.
        install_app(required.rsplit("/", 1)[-1], verbose=verbose)
    _list_app(name)
    # Whoever is interrupted from here on installs again: hooks of the app may make things lasting half-way.
    frappe.db.set_global(f"installing::{name}", "1")
    frappe.flags.in_install = name
    try:
        for before in _own_hooks(name, "before_install"):
            if frappe.get_attr(before)() is False:
                return False
        _tell_apps("before_app_install", name)
        _install_records(name, set_as_patched, force)
    finally:
        frappe.flags.in_install = False
    _forget_everything()
    _tell_apps("after_app_install", name)
    for after in _own_hooks(name, "after_sync"):
        frappe.get_attr(after)()
    frappe.db.delete("DefaultValue", {"defkey": f"installing::{name}", "parent": "__global"})
    frappe.clear_cache()
    frappe.db.commit()
    return True


def _install_records(name: str, set_as_patched: bool, force: bool) -> None:
    from frappe.utils.scheduler import sync_jobs

    _add_modules(name)
    sync.sync_for(name, force=force)
    add_to_installed_apps(name)
    if set_as_patched:
        from frappe.modules.patch_handler import mark_all_done

        mark_all_done(name)
    for after in _own_hooks(name, "after_install"):
        frappe.get_attr(after)()
    sync_jobs()
    sync.sync_fixtures(name)
    frappe.db.commit()


def _tell_apps(hook: str, name: str) -> None:
    """Calls what the installed apps want to know about another app's coming and going."""
    for path in frappe.get_hooks(hook):
        frappe.get_attr(path)(name)


def _own_hooks(app: str, hook: str) -> list[str]:
    found = frappe.get_hooks(hook, default=[], app_name=app)
    return [found] if isinstance(found, str) else list(found or [])


def _list_app(name: str) -> None:
    path = os.path.join(frappe.local.sites_path, "apps.txt")
    apps = [app for app in frappe.get_all_apps() if app != "frappe"]
    if name not in apps:
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(["frappe", *apps, name]) + "\n")


def remove_app(
    app_name: str, dry_run: bool = False, yes: bool = False, no_backup: bool = False, force: bool = False
) -> None:
    """Takes an app's records and tables out of the site.

    :raises frappe.AppNotInstalledError: when the site does not have it
    """
    from frappe import _removal

    if app_name not in frappe.get_installed_apps() and not force:
        raise frappe.AppNotInstalledError(f"The app {app_name} is not installed")
    if dry_run:
        _removal.show(app_name)
        return
    for hook in _own_hooks(app_name, "before_uninstall"):
        frappe.get_attr(hook)()
    _tell_apps("before_app_uninstall", app_name)
    frappe.flags.in_uninstall = True
    try:
        _removal.remove_records(app_name)
        apps = [app for app in frappe.get_installed_apps() if app != app_name]
        frappe.db.set_global("installed_apps", json.dumps(apps))
        _forget_everything()
        _tell_apps("after_app_uninstall", app_name)
        for hook in _own_hooks(app_name, "after_uninstall"):
            frappe.get_attr(hook)()
    finally:
        frappe.flags.in_uninstall = False
    _forget_everything()
    frappe.db.commit()
