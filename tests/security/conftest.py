"""A small hospital on record and a web server before it: every threat comes in through the socket.

One file is one threat. The web server is the host's WSGI application under gunicorn, as in production.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from e2e.stack import free_port, wait_for

PREFIX = "SEC"
DEPARTMENT, ELSEWHERE = "SEC-GS", "SEC-ORTHO"
PROCEDURES = ("SEC-51.2300", "SEC-47.0100")
VOTERS = ("voter1", "voter2", "voter3")
CAST: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "applicant": ("SEC01", DEPARTMENT, ("Practitioner",)),
    "colleague": ("SEC02", DEPARTMENT, ("Practitioner",)),
    "stranger": ("SEC03", ELSEWHERE, ("Practitioner",)),
    "head": ("SEC04", DEPARTMENT, ("Practitioner", "Department Head")),
    "secretary": ("SEC05", DEPARTMENT, ("Practitioner", "Party Branch Secretary")),
    "other_head": ("SEC06", ELSEWHERE, ("Practitioner", "Department Head")),
    "pharmacist": ("SEC07", ELSEWHERE, ("Functional Department",)),
    "officer": ("SEC08", ELSEWHERE, ("Practitioner", "Medical Affairs Officer")),
    "manager": ("SEC09", ELSEWHERE, ("Practitioner", "Medical Affairs Manager")),
    "auditor": ("SEC10", ELSEWHERE, ("Auditor",)),
    "administrator": ("SEC11", ELSEWHERE, ("System Manager",)),
    **{
        name: (f"SEC2{number}", ELSEWHERE, ("Practitioner", "Committee Member"))
        for number, name in enumerate(VOTERS)
    },
}
#: What the tests leave behind, in the order in which it is removed: the layer of documents refuses most of it.
LEFT_BEHIND = (
    ("Ballot Vote", "voter"), ("Unauthorized Act", "practitioner"), ("Privilege Suspension", "practitioner"),
    ("Privilege Event", "practitioner"), ("Privilege Grant", "practitioner"), ("Exam Result", "practitioner"),
    ("Privilege Application", "practitioner"),
)  # fmt: skip


class Caller:
    """Somebody at the HTTP door with an API token, or nobody."""

    def __init__(self, base: str, site: str, token: str | None) -> None:
        self._base = base
        self._session = requests.Session()
        self._session.headers.update({"X-Frappe-Site-Name": site, "Accept": "application/json"})
        if token:
            self._session.headers["Authorization"] = f"token {token}"

    def send(self, verb: str, path: str, **options: Any) -> requests.Response:
        """One request; redirects are not followed: the first answer is what is tested."""
        options.setdefault("timeout", 30)
        return self._session.request(verb, self._base + path, allow_redirects=False, **options)

    def call(self, method: str, **arguments: Any) -> requests.Response:
        """A whitelisted method, by POST."""
        return self.send("POST", f"/api/method/{method}", json=arguments)

    def ask(self, method: str, **arguments: Any) -> requests.Response:
        """A whitelisted method, by GET."""
        return self.send("GET", f"/api/method/{method}", params=arguments)

    def rows(self, doctype: str, **parameters: Any) -> list[dict]:
        """Rows of the REST list, or none where the list is refused."""
        answer = self.send("GET", f"/api/resource/{doctype}", params=parameters)
        return answer.json()["data"] if answer.ok else []


@dataclass
class Hospital:
    """The people of the tests, by the names of `CAST`."""

    base: str
    site: str
    tokens: dict[str, str]
    users: dict[str, str]
    staff: dict[str, str] = field(default_factory=lambda: {name: row[0] for name, row in CAST.items()})

    def as_(self, name: str | None) -> Caller:
        """Somebody of the cast at the door; None: nobody in particular."""
        return Caller(self.base, self.site, self.tokens[name] if name else None)

    def apply(self, *codes: str) -> str:
        """A sheet that the applicant hands in; its name."""
        answer = self.as_("applicant").call(
            "medaffairs.privileging.sheets.apply",
            kind="SURGERY",
            codes=list(codes or PROCEDURES),
            reason="安全测试",
        )
        assert answer.ok, answer.text
        return answer.json()["message"]["name"]

    def step(self, who: str, name: str, action: str = "Approve", **more: Any) -> requests.Response:
        """A step of an application through the one door that takes steps."""
        return self.as_(who).call(
            "medaffairs.approval.api.act",
            doctype="Privilege Application",
            name=name,
            action=action,
            opinion="同意",
            **more,
        )

    def bring_to_vote(self) -> tuple[str, str]:
        """An application before the committee: its name and its ballot's."""
        name = self.apply()
        for who in ("head", "secretary", "officer"):
            answer = self.step(who, name)
            assert answer.ok, answer.text
        return name, self.value("Privilege Application", name, "ballot")

    def value(self, doctype: str, name: str, field_name: str) -> Any:
        """What is on record now, whatever this process has read before."""
        import frappe

        frappe.db.rollback()
        return frappe.db.get_value(doctype, name, field_name)


@pytest.fixture(scope="session")
def server(connected_site: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The host's WSGI application under gunicorn; its address."""
    folder, port = tmp_path_factory.mktemp("web"), free_port()
    log = folder / "web.log"
    command = [
        sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--worker-class", "gthread",
        "--threads", "4", "frappe.app:application",
    ]  # fmt: skip
    sites = Path.cwd()
    variables = os.environ | {"SITES_PATH": str(sites), "FRAPPE_SITE": connected_site}
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=sites, stdout=output, stderr=subprocess.STDOUT, env=variables)
    base = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{base}/api/method/ping", process, log)
        yield base
    finally:
        process.terminate()
        process.wait(timeout=20)


@pytest.fixture(scope="session")
def hospital(connected_site: str, server: str, make_user: Callable) -> Iterator[Hospital]:
    """Two departments, fourteen people, two procedures, a committee of three; committed."""
    import frappe

    frappe.set_user("Administrator")
    _clean()
    accounts = {name: make_user(f"sec-{name.replace('_', '-')}", *row[2]) for name, row in CAST.items()}
    frappe.set_user("Administrator")
    _build({name: user for name, (user, _token) in accounts.items()})
    frappe.db.commit()
    yield Hospital(
        server,
        connected_site,
        {name: token for name, (_user, token) in accounts.items()},
        {name: user for name, (user, _token) in accounts.items()},
    )
    frappe.db.rollback()
    frappe.set_user("Administrator")
    _clean()
    frappe.db.commit()


@pytest.fixture(autouse=True)
def fresh(hospital: Hospital) -> Iterator[None]:
    """Every test begins without applications and privileges of these people, as Administrator in process."""
    import frappe

    frappe.db.rollback()
    frappe.set_user("Administrator")
    _forget_records()
    frappe.db.commit()
    yield
    frappe.db.rollback()
    frappe.set_user("Administrator")


def _build(users: dict[str, str]) -> None:
    import frappe

    for code in (DEPARTMENT, ELSEWHERE):
        facts = {"department_code": code, "department_name": code, "department_type": "Clinical"}
        frappe.get_doc(doctype="Clinical Department", **facts).insert()
    for name, (staff_no, department, _roles) in CAST.items():
        frappe.get_doc(
            doctype="Practitioner", staff_no=staff_no, practitioner_name=f"测试{name}", department=department,
            profession="Physician", employment_status="Active", gender="Male", user=users[name], mobile=f"139{staff_no[3:]:0>8}",
        ).insert()  # fmt: skip
    frappe.db.set_value("Clinical Department", DEPARTMENT, {"head": "SEC04", "party_secretary": "SEC05"})
    frappe.db.set_value("Clinical Department", ELSEWHERE, {"head": "SEC06"})
    for code in PROCEDURES:
        frappe.get_doc(doctype="Procedure", procedure_code=code, procedure_name=f"测试手术{code}").insert()
    committee = frappe.get_doc(
        doctype="Committee", committee_name="SEC-委员会", committee_type="Surgery Authorization", quorum_percent=66,
        threshold_percent=60, deadline_hours=48, secret_ballot=1,
    )  # fmt: skip
    for number, name in enumerate(VOTERS):
        role = "Member" if number else "Chair"
        committee.append("members", {"practitioner": CAST[name][0], "user": users[name], "member_role": role})
    committee.insert()
    kind = frappe.get_doc("Privilege Kind", "SURGERY")
    _kept["committee"] = kind.committee
    _kept["rules"] = frappe.get_all("Eligibility Rule", {"kind": "SURGERY", "enabled": 1}, pluck="name")
    _kept["requires_exam"] = kind.requires_exam
    frappe.db.set_value("Privilege Kind", "SURGERY", {"committee": committee.name, "requires_exam": 0})
    for rule in _kept["rules"]:
        frappe.db.set_value("Eligibility Rule", rule, "enabled", 0)


#: What of the site the hospital of these tests changes, to be put back.
_kept: dict[str, Any] = {}


def _forget_records() -> None:
    import frappe

    staff = [row[0] for row in CAST.values()]
    sheets = frappe.get_all("Privilege Application", {"practitioner": ("in", staff)}, pluck="name")
    if sheets:
        ballots = frappe.get_all("Ballot", {"reference_name": ("in", sheets)}, pluck="name")
        for child in ("Ballot Voter", "Ballot Item"):
            frappe.db.delete(child, {"parent": ("in", ballots or [""])})
        frappe.db.delete("Ballot", {"name": ("in", ballots or [""])})
        frappe.db.delete("Approval Opinion", {"reference_name": ("in", sheets)})
        frappe.db.delete("Privilege Application Item", {"parent": ("in", sheets)})
    for doctype, person in LEFT_BEHIND:
        frappe.db.delete(doctype, {person: ("in", staff)})
    frappe.db.delete("Approval Delegation", {"reason": ("like", f"{PREFIX}%")})


def _clean() -> None:
    import frappe

    _forget_records()
    if _kept:
        kept = {field: _kept[field] for field in ("committee", "requires_exam")}
        frappe.db.set_value("Privilege Kind", "SURGERY", kept)
        for rule in _kept["rules"]:
            frappe.db.set_value("Eligibility Rule", rule, "enabled", 1)
    frappe.delete_doc_if_exists("Committee", "SEC-委员会", force=True)
    for code in (DEPARTMENT, ELSEWHERE):
        if frappe.db.exists("Clinical Department", code):
            frappe.db.set_value("Clinical Department", code, {"head": None, "party_secretary": None})
    for staff_no, _department, _roles in CAST.values():
        frappe.delete_doc_if_exists("Practitioner", staff_no, force=True)
    for code in PROCEDURES:
        frappe.delete_doc_if_exists("Procedure", code, force=True)
    for code in (DEPARTMENT, ELSEWHERE):
        frappe.delete_doc_if_exists("Clinical Department", code, force=True)
