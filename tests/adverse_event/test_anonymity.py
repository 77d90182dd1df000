"""Who reports without a name leaves none: in no table, no log, no export, no file. Protected names are for the named role alone.

Everything here goes through the HTTP door and is committed, so that it can be looked for wherever it might have been written.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import threading
import uuid
from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import Any

import frappe
import pytest
from adverse_event.conftest import DOCTOR, HEAD, MANAGER, PHARMACY, WARD, clean_reports, values
from frappe.utils import now_datetime
from permissions.test_rows import ROLES, exported_body, in_grid, listed
from PIL import Image
from pypika.terms import Criterion

from medaffairs.adverse_event import anonymous, notices, reporting, rules, steps
from medaffairs.permissions import RULES, forget_scopes

ADDRESS, AGENT = "203.0.113.77", "Diary-of-a-nurse/7.1"
DOOR = "/api/method/medaffairs.adverse_event."
DOCTYPE = reporting.DOCTYPE
# What a host keeps of an account whatever it does.
OF_THE_ACCOUNT = ("Comment", "DocShare", "DefaultValue", "User Social Login")
# Those who see reports with protected identity, and who runs the system.
READERS = (
    "Medical Affairs Officer", "Department Head", "Functional Department", "Hospital Leader", "Auditor", "Practitioner",
    "System Manager",
)  # fmt: skip


@pytest.fixture(scope="module")
def hospital(settled, make_user):
    """The ward, and somebody who reports there; what these tests commit is gone in the end."""
    email, token = make_user("ae-whistle", "Nurse")
    frappe.get_doc(
        doctype="Practitioner", staff_no="T-AEWHO", practitioner_name="慕容知微", department=PHARMACY, user=email,
        profession="Nurse", employment_status="Active",
    ).insert()  # fmt: skip
    frappe.db.commit()
    yield frappe._dict(email=email, token=token)
    frappe.db.rollback()
    frappe.set_user("Administrator")
    clean_reports()
    frappe.delete_doc("Practitioner", "T-AEWHO", force=True)
    frappe.db.set_value("Practitioner", "T-AE1", {"user": DOCTOR, "department": WARD})
    frappe.db.commit()


def send(path: str, token: str = "", **arguments: Any):
    """A request; to the anonymous door from an address and a browser that would be found again."""
    from frappe.app import application
    from werkzeug.test import Client

    site = frappe.local.site
    address, agent = (ADDRESS, AGENT) if path.startswith("anonymous") else ("127.0.0.1", "Browser")
    headers = {"X-Frappe-Site-Name": site, "Host": site, "Accept": "application/json", "User-Agent": agent}
    if token:
        headers["Authorization"] = f"token {token}"
    answers: list[Any] = []

    def run() -> None:
        response = Client(application, use_cookies=False).post(
            DOOR + path, headers=headers, json=arguments, environ_base={"REMOTE_ADDR": address}
        )
        answer = response.get_json(silent=True) or {}
        said = "".join(
            json.loads(row)["message"] for row in json.loads(answer.get("_server_messages") or "[]")
        )
        answers.append((response.status_code, answer.get("message") or said))
        response.close()

    worker = threading.Thread(target=run)
    worker.start()
    worker.join()
    frappe.db.rollback()
    return answers[0]


def photo() -> dict[str, str]:
    out = BytesIO()
    exif = Image.Exif()
    exif[0x013B] = "慕容知微"
    Image.new("RGB", (32, 32), "blue").save(out, "JPEG", exif=exif)
    return {"file_name": "慕容知微的手机.jpg", "content": base64.b64encode(out.getvalue()).decode()}


def traces(since: datetime | None, *words: str, within: Iterable[str] = ()) -> dict[str, int]:
    """In which tables any of some words stands in what was written since a moment, in how many rows.

    :param since: None: whenever it was written
    :param within: tables; empty: all
    """
    found = {}
    for doctype in within or frappe.get_all("DocType", {"issingle": 0, "is_virtual": 0}, pluck="name"):
        if not frappe.db.table_exists(doctype):
            continue
        table = frappe.qb.DocType(doctype)
        columns = frappe.db.get_table_columns(doctype)
        meets = Criterion.any([table[name].like(f"%{word}%") for name in columns for word in words])
        query = frappe.qb.from_(table).select(table.name).where(meets)
        if since:
            query = query.where((table.modified >= str(since)) | (table.creation >= str(since)))
        count = query.run()
        if count:
            found[doctype] = len(count)
    return found


def in_files(*words: str, databases: bool = False) -> list[str]:
    """Files of the site in which any of some words stands: logs, uploads, what waits for the access log.

    :param databases: those, too, that are the database or the cache themselves, with what was deleted in them
    """
    own = [] if databases else [f"--exclude=*.{kind}" for kind in ("db", "db-wal", "db-shm")]
    asked = [part for word in words for part in ("-e", word)]
    # In a process of its own: SQLite loses its locks when the process that holds them opens and closes the file beside it.
    found = subprocess.run(
        ["grep", "-rlaF", *own, *asked, frappe.get_site_path()],
        capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    assert found.returncode in (0, 1), found.stderr
    return found.stdout.splitlines()


def bring_log() -> None:
    from medaffairs.audit import keeper

    frappe.db.rollback()
    keeper.bring()


@pytest.mark.parametrize("signed_in", [False, True], ids=["without a session", "with a session all the same"])
def test_an_anonymous_report_is_nobodys(hospital, site, signed_in):
    code = rules.new_code()
    words = (hospital.email, "慕容知微", "T-AEWHO", ADDRESS, AGENT, code, code.replace("-", ""))
    since = now_datetime()
    status, answer = send(
        "anonymous.submit", hospital.token if signed_in else "", ticket=anonymous.ticket_of(frappe.utils.getdate()), code=code,
        values=values(staff=[{"practitioner": "T-AE1"}]), files=[photo()],
    )  # fmt: skip
    assert status == 200, answer
    name = answer["name"]
    notices.announce(name)
    frappe.db.commit()
    bring_log()
    assert traces(since, *words) == {}
    assert traces(None, *words, within=("Form Response", "Form Answer")) == {}
    assert in_files(*words) == []
    assert in_files(ADDRESS, AGENT, code, databases=True) == []
    doc = frappe.get_doc(DOCTYPE, name)
    assert (doc.owner, doc.modified_by, doc.identity, doc.reporter_name) == (
        "Guest",
        "Guest",
        "Anonymous",
        None,
    )
    assert not frappe.db.exists("Version", {"docname": name})
    file = frappe.get_doc("File", {"attached_to_name": name})
    assert file.owner == "Guest" and file.file_name.startswith("photo-1")
    last = frappe.get_all(
        "Data Access Log", {"target_type": "medaffairs.adverse_event.anonymous.submit"}, ["user", "ip", "agent", "filters", "target_name"],
        order_by="name desc", limit=1,
    )  # fmt: skip
    assert last[0] == {"user": "Guest", "ip": "", "agent": "", "filters": "", "target_name": ""}


def test_a_refused_anonymous_report_leaves_nothing_either(hospital, site):
    ticket = anonymous.ticket_of(frappe.utils.getdate())
    status, answer = send(
        "anonymous.submit", ticket=ticket, code=rules.new_code(), values=values(description="")
    )
    assert status == 417 and "事件经过：未填写" in answer
    assert send("anonymous.submit", ticket=ticket, code="", values=values())[0] == 417
    status, _answer = send("anonymous.submit", ticket="stolen", code=rules.new_code(), values=values())
    assert status == 403
    bring_log()
    logs = ("Data Access Log", "Error Log", "Activity Log")
    assert traces(None, ADDRESS, AGENT, within=logs) == {} and in_files(ADDRESS, AGENT) == []


def test_documents_name_their_authors_and_are_not_taken(hospital, site):
    file = {"file_name": "经过.docx", "content": base64.b64encode(b"PK\x03\x04rest").decode()}
    ticket = anonymous.ticket_of(frappe.utils.getdate())
    status, answer = send(
        "anonymous.submit", ticket=ticket, code=rules.new_code(), values=values(), files=[file]
    )
    assert status == 417 and "经过.docx" in answer


def test_the_reporter_follows_it_by_a_code_and_supplements_it(hospital, site):
    code = rules.new_code()
    words = (hospital.email, "慕容知微", ADDRESS, AGENT)
    since = now_datetime()
    ticket = anonymous.ticket_of(frappe.utils.getdate())
    name = send("anonymous.submit", ticket=ticket, code=code, values=values())[1]["name"]
    again = send("anonymous.submit", ticket=ticket, code=code.lower().replace("-", " "), values=values())
    assert again[1]["name"] == name
    frappe.set_user(HEAD)
    forget_scopes()
    steps.take(name, "Return", "请写明地点")
    frappe.db.commit()
    frappe.set_user("Administrator")
    seen = send("anonymous.track", code=code)[1]
    assert (seen["returned"], seen["return_reason"]) == (True, "请写明地点")
    after = send("anonymous.supplement", hospital.token, code=code, words="3 床旁卫生间")[1]
    assert after["workflow_state"] == "Reported"
    assert send("anonymous.track", code=rules.new_code())[0] == 404
    bring_log()
    assert traces(since, *words) == {}
    assert in_files(ADDRESS, AGENT, code, databases=True) == []
    actors = frappe.get_all("Approval Opinion", {"reference_name": name}, pluck="actor", order_by="creation")
    assert actors == [HEAD, "Guest"]
    assert traces(None, "3 床旁卫生间", code, within=["Data Access Log"]) == {}


@pytest.fixture(scope="module")
def protected(hospital):
    """A report with protected identity that has been returned and supplemented, by its number."""
    frappe.set_user("Administrator")
    status, answer = send(
        "api.submit",
        hospital.token,
        values=values(),
        key=uuid.uuid4().hex,
        identity="Protected",
        files=[photo()],
    )
    assert status == 200, answer
    name = answer["name"]
    notices.announce(name)
    frappe.set_user(HEAD)
    forget_scopes()
    steps.take(name, "Return", "请补充")
    frappe.db.commit()
    frappe.set_user("Administrator")
    status, answer = send("api.take", hospital.token, name=name, action="Resubmit", words="已补充")
    assert status == 200, answer
    return name


def test_a_protected_name_stands_in_one_place_alone(hospital, protected, site):
    bring_log()
    places = traces(None, hospital.email)
    ours = {
        doctype
        for doctype in places
        if doctype not in ("User", "Has Role", "Practitioner", "Notification Settings", *OF_THE_ACCOUNT)
    }
    assert set(frappe.get_all("Comment", {"owner": hospital.email}, pluck="reference_doctype")) <= {"User"}
    # His own messages show no event, and the access log that he reported, not what.
    # Of what is deleted the system keeps a copy: that is the account of an earlier run.
    assert ours - {"Data Access Log", "Outbound Message", "Version", "Deleted Document"} == {"Event Reporter"}
    assert not frappe.db.exists(
        "Outbound Message", {"recipient": hospital.email, "reference_name": ("is", "set")}
    )
    rows = frappe.get_all(
        "Data Access Log", {"user": hospital.email}, ["target_type", "target_name", "filters"]
    )
    assert rows and protected not in str(rows)
    assert not frappe.db.exists("Version", {"docname": protected, "owner": hospital.email})


@pytest.mark.parametrize("role", READERS)
def test_no_door_shows_a_protected_name(hospital, protected, site, request_as, make_user, role):
    email, token = make_user("ae-" + frappe.scrub(role).replace("_", "-"), role)
    _seat(email, WARD)
    doors = [
        ("GET", f"/api/resource/{DOCTYPE}/{protected}", {}),
        ("GET", f"/api/resource/{DOCTYPE}", {"filters": f'[["name","=","{protected}"]]', "fields": '["*"]'}),
        ("GET", "/api/method/frappe.desk.form.load.getdoc", {"doctype": DOCTYPE, "name": protected}),
        ("GET", "/api/method/medaffairs.adverse_event.api.event", {"name": protected}),
        ("GET", "/api/method/medaffairs.adverse_event.api.progress", {"name": protected}),
        ("POST", "/api/method/medaffairs.adverse_event.api.reveal", {"name": protected}),
        ("GET", "/printview", {"doctype": DOCTYPE, "name": protected}),
        ("GET", "/api/resource/Event Reporter", {"fields": '["*"]', "filters": f'[["report","=","{protected}"]]'}),
        ("GET", "/api/resource/Approval Opinion", {"fields": '["*"]', "filters": f'[["reference_name","=","{protected}"]]'}),
        ("GET", "/api/resource/File", {"fields": '["*"]', "filters": f'[["attached_to_name","=","{protected}"]]'}),
        ("GET", "/api/resource/Version", {"fields": '["*"]', "filters": f'[["docname","=","{protected}"]]'}),
        ("GET", "/api/method/frappe.desk.search.search_link", {"doctype": "Event Reporter", "txt": "慕容"}),
    ]  # fmt: skip
    for method, path, arguments in doors:
        answer = request_as(token, method, path, **arguments)
        assert answer.status in (200, 401, 403, 404), path
        for word in (hospital.email, "慕容知微"):
            assert word.encode() not in answer.body, f"{role}: {path} shows {word}"
            assert word.encode("unicode_escape") not in answer.body, f"{role}: {path} shows {word}"
    exported = exported_body(request_as, token, DOCTYPE, f'[["{DOCTYPE}","name","=","{protected}"]]')
    assert hospital.email.encode() not in exported.body and "慕容知微".encode() not in exported.body


def test_the_named_role_learns_the_name_and_that_is_on_record(
    hospital, protected, site, request_as, make_user
):
    email, token = make_user("ae-medical-affairs-manager", "Medical Affairs Manager")
    answer = request_as(token, "POST", DOOR + "api.reveal", name=protected)
    assert answer.json["message"] == "慕容知微"
    bring_log()
    assert frappe.db.exists(
        "Data Access Log", {"user": email, "target_type": "Event Reporter", "target_name": protected}
    )


def test_the_protected_reporter_follows_his_own(hospital, protected, site, request_as):
    rows = request_as(hospital.token, "GET", DOOR + "api.mine").json["message"]
    assert protected in {row["name"] for row in rows}
    seen = request_as(hospital.token, "GET", DOOR + "api.progress", name=protected).json["message"]
    assert seen["possible"] == ["Withdraw"]


def _seat(email: str, department: str) -> None:
    frappe.db.set_value("Practitioner", {"user": email}, "user", None)
    frappe.db.set_value("Practitioner", "T-AE1", {"user": email, "department": department})
    frappe.db.commit()
    forget_scopes()


@pytest.fixture(scope="module")
def rows(hospital, protected):
    """Reports of a ward, of the reader himself, and of others: by what they are to the reader."""
    made = {"ward": protected}
    for key, identity, by, place in (
        ("own", rules.OPEN, MANAGER, PHARMACY), ("hidden", rules.PROTECTED, MANAGER, PHARMACY),
        ("foreign", rules.OPEN, MANAGER, PHARMACY),
    ):  # fmt: skip
        frappe.set_user(by)
        doc = reporting.submit(values(department=place), identity, uuid.uuid4().hex)
        made[key] = doc.name
    made["nobody"] = reporting.submit_anonymously(values(department=PHARMACY), rules.new_code()).name
    frappe.db.commit()
    frappe.set_user("Administrator")
    return made


EXPECTED = {
    "all": {"ward", "own", "hidden", "foreign", "nobody"}, "own department": {"ward", "own", "hidden"},
    "own": {"own", "hidden"}, None: set(),
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_every_door_shows_a_role_the_same_events(rows, site, request_as, make_user, role):
    email, token = make_user("ae-" + frappe.scrub(role).replace("_", "-"), role)
    _seat(email, WARD)
    frappe.db.set_value(DOCTYPE, rows["own"], "owner", email, update_modified=False)
    frappe.db.set_value("Event Reporter", {"report": rows["hidden"]}, "reporter", email)
    frappe.db.commit()
    expected = {rows[key] for key in EXPECTED[RULES[DOCTYPE].scopes.get(role)]}
    conditions = frappe.as_json([[DOCTYPE, "name", "in", list(rows.values())]])
    assert listed(request_as, token, DOCTYPE, conditions) == expected
    for name in rows.values():
        assert (request_as(token, "GET", f"/api/resource/{DOCTYPE}/{name}").status == 200) == (
            name in expected
        )
    assert in_grid(request_as, token, DOCTYPE, conditions) == (expected, len(expected))
    exported = exported_body(request_as, token, DOCTYPE, conditions)
    assert {name for name in rows.values() if name.encode() in exported.body} <= expected
    foreign = rows["foreign"]
    for path, arguments in (
        (DOOR + "api.event", {"name": foreign}), (DOOR + "api.progress", {"name": foreign}),
        ("/printview", {"doctype": DOCTYPE, "name": foreign}),
    ):  # fmt: skip
        assert (request_as(token, "GET", path, **arguments).status == 200) == (foreign in expected), path


def test_nobody_deletes_a_report(rows, site, request_as, make_user):
    _email, token = make_user("ae-medical-affairs-manager", "Medical Affairs Manager")
    assert request_as(token, "DELETE", f"/api/resource/{DOCTYPE}/{rows['foreign']}").status == 403
    assert os.environ["SITE"] and frappe.db.exists(DOCTYPE, rows["foreign"])
