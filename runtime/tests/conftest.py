"""A site of the host's own, made once; each test gets it connected, and what it writes is undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from chosen_database import chosen_database

WARD, VISIT, LINE = "Test Ward", "Test Visit", "Test Visit Line"
MANAGER, CLERK, OWNER_ONLY, SELECTOR = "Test Manager", "Test Clerk", "Test Own", "Test Selector"


def _field(fieldname: str, fieldtype: str = "Data", **more: object) -> dict:
    return {
        "fieldname": fieldname,
        "fieldtype": fieldtype,
        "label": fieldname.replace("_", " ").title(),
        **more,
    }


def _rule(role: str, *rights: str, **more: object) -> dict:
    return {"role": role, **dict.fromkeys(rights, 1), **more}


ALL_RIGHTS = ("select", "read", "write", "create", "delete", "report", "export", "share", "print", "email")


def _make_doctypes(frappe) -> None:
    common = {"doctype": "DocType", "module": "Core", "custom": 1}
    frappe.get_doc(
        **common, name=WARD, autoname="field:code", is_tree=1, nsm_parent_field="parent_test_ward",
        title_field="ward_name", search_fields="ward_name,pinyin", show_title_field_in_link=1,
        fields=[_field("code", reqd=1, unique=1), _field("ward_name"), _field("pinyin"), _field("is_group", "Check"),
                _field("parent_test_ward", "Link", options=WARD, ignore_user_permissions=1), _field("lft", "Int"), _field("rgt", "Int"),
                _field("old_parent", "Link", options=WARD, ignore_user_permissions=1)],
        permissions=[_rule(role, "select", "read") for role in (MANAGER, CLERK, OWNER_ONLY)],
    ).insert()  # fmt: skip
    frappe.get_doc(
        **common, name=LINE, istable=1,
        fields=[_field("item"), _field("amount", "Float"), _field("secret_note", permlevel=1)], permissions=[],
    ).insert()  # fmt: skip
    frappe.get_doc(
        **common, name=VISIT, autoname="hash", is_submittable=1, title_field="subject", search_fields="subject,status",
        fields=[_field("subject"), _field("status", "Select", options="Open\nClosed\nLate"), _field("score", "Int"),
                _field("price", "Float"), _field("seen_on", "Date"), _field("seen_at", "Datetime"),
                _field("ward", "Link", options=WARD), _field("second_ward", "Link", options=WARD, ignore_user_permissions=1),
                _field("id_no", permlevel=1), _field("workflow_state", "Link", options="Workflow State", allow_on_submit=1),
                _field("lines", "Table", options=LINE)],
        permissions=[_rule(MANAGER, *ALL_RIGHTS, "submit", "cancel"), _rule(MANAGER, "read", "write", permlevel=1),
                     _rule(CLERK, "select", "read", "write", "create", "report"),
                     _rule(OWNER_ONLY, "read", "write", "create", if_owner=1), _rule(SELECTOR, "select", read=0)],
    ).insert()  # fmt: skip


@pytest.fixture(scope="session")
def host_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """(folder of sites, name) of a site with the DocTypes, roles and users of these tests."""
    import frappe
    from frappe import installer

    folder = str(tmp_path_factory.mktemp("sites"))
    before = dict(frappe.local)
    frappe.local.release()
    database = chosen_database("host")
    installer.new_site(
        "host.test",
        folder,
        "a password 4 tests",
        database.kind,
        force=True,
        config=database.config,
        root=database.root,
    )
    frappe.init("host.test", sites_path=folder, force=True)
    frappe.connect()
    frappe.set_user("Administrator")
    for role in (MANAGER, CLERK, OWNER_ONLY, SELECTOR):
        frappe.get_doc(doctype="Role", role_name=role, desk_access=1).insert()
    _make_doctypes(frappe)
    for name, role in (
        ("manager", MANAGER),
        ("clerk", CLERK),
        ("own", OWNER_ONLY),
        ("selector", SELECTOR),
        ("nobody", None),
    ):
        user = frappe.get_doc(doctype="User", email=f"{name}@host.test", first_name=name, send_welcome_email=0,
                              user_type="System User", roles=[{"role": role}] if role else [])  # fmt: skip
        user.insert()
    frappe.db.commit()
    frappe.destroy()
    frappe.local.bind(before)
    yield folder, "host.test"
    database.drop(folder, "host.test")


@pytest.fixture
def site(host_site: tuple[str, str]) -> Iterator[str]:
    """The site, connected as Administrator; everything that the test writes is rolled back."""
    import frappe

    folder, name = host_site
    before = dict(frappe.local)
    frappe.init(name, sites_path=folder, force=True)
    frappe.connect()
    frappe.flags.in_test = True
    yield name
    frappe.db.rollback()
    frappe.destroy()
    frappe.local.bind(before)


@pytest.fixture
def as_user(site: str) -> Callable[[str], None]:
    """Become another user of the test site, by the part before the @."""
    import frappe

    def become(name: str) -> None:
        frappe.set_user(name if name in {"Guest", "Administrator"} else f"{name}@host.test")

    return become


@pytest.fixture
def wards(site: str) -> dict[str, str]:
    """A tree of wards: all → (surgery → (s1, s2)), medicine."""
    import frappe

    for code, parent in (
        ("all", None),
        ("surgery", "all"),
        ("s1", "surgery"),
        ("s2", "surgery"),
        ("medicine", "all"),
    ):
        frappe.get_doc(
            doctype=WARD, code=code, ward_name=f"Ward {code}", pinyin=f"py{code}", parent_test_ward=parent,
            is_group=code in {"all", "surgery"},
        ).insert()  # fmt: skip
    return {"root": "all"}


@pytest.fixture
def visit(wards: dict) -> Callable:
    """Makes a visit."""
    import frappe

    def make(**values: object):
        doc = frappe.get_doc({"doctype": VISIT, "subject": "a visit", "status": "Open", **values})
        return frappe.get_doc(VISIT, doc.insert(ignore_permissions=True).name)

    return make
