"""Uploads: who may, where they end up, who reads them."""

import io
import os

import frappe
import pytest
from host.sign_in import inside


@pytest.fixture
def uploader(account, browser):
    """Somebody at the door who may upload; his files are gone afterwards."""
    user, door = account("uploader", "System Manager"), browser()
    door.login(user)
    yield user, door

    def remove() -> None:
        for name in frappe.get_all("File", {"owner": user}, pluck="name"):
            frappe.delete_doc("File", name, force=True, ignore_permissions=True)

    inside(remove)


def upload(door, name: str, content: bytes, **form):
    data = {"is_private": "1", **form, "file": (io.BytesIO(content), name)}
    return door.send("POST", "/api/method/upload_file", data=data)


def test_a_private_file_is_read_by_its_owner_alone(uploader, account, browser):
    _user, door = uploader
    answer = upload(door, "note.txt", b"between us")
    assert answer.status == 200 and answer.message["file_url"].startswith("/private/files/")
    address = answer.message["file_url"]
    assert "between us" in door.send("GET", address).text
    stranger = browser()
    stranger.login(account("stranger"))
    for other in (stranger, browser()):
        got = other.send("GET", address)
        assert got.status != 200 and "between us" not in got.text


def test_guests_upload_nothing(browser):
    assert upload(browser(), "note.txt", b"x").status == 403


@pytest.mark.parametrize("name", ["../../../note.txt", "..\\..\\note.txt", "/etc/note.txt", "a/b/note.txt"])
def test_no_name_leads_out_of_the_folder(uploader, name):
    _user, door = uploader
    answer = upload(door, name, b"contained")
    assert answer.status < 500
    if answer.status == 200:

        def inside_the_folder() -> bool:
            path = os.path.realpath(frappe.get_doc("File", answer.message["name"]).get_full_path())
            return path.startswith(os.path.realpath(frappe.get_site_path("private", "files")) + os.sep)

        assert inside(inside_the_folder)


def test_an_address_of_another_folder_is_no_file(uploader):
    _user, door = uploader
    for address in (
        "/private/files/../../site_config.json",
        "/files/../../site_config.json",
        "file:///etc/passwd",
    ):
        made = door.send(
            "POST", "/api/resource/File", json={"file_url": address, "file_name": "x", "is_private": 1}
        )
        assert "encryption_key" not in made.text and "root:" not in made.text
        assert "encryption_key" not in door.send("GET", address.removeprefix("file://")).text


def test_a_file_is_no_larger_than_the_site_allows(uploader, settings):
    settings(max_file_size=1)
    _user, door = uploader
    assert upload(door, "large.txt", b"x" * (1024 * 1024 + 1000)).status in {413, 417}
    assert upload(door, "small.txt", b"x" * 1000).status == 200


def test_kinds_that_the_site_does_not_list_are_refused(uploader, settings):
    settings(allowed_file_extensions="TXT\nPDF")
    _user, door = uploader
    assert upload(door, "page.csv", b"a,b").status in {417, 400}
    assert upload(door, "note.txt", b"a").status == 200


@pytest.mark.parametrize(("name", "content"), [("page.html", b"<script>alert(1)</script>"), ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")])  # fmt: skip
def test_what_holds_script_is_never_shown_in_place(uploader, name, content):
    _user, door = uploader
    answer = upload(door, name, content)
    if answer.status == 200:
        shown = door.send("GET", answer.message["file_url"])
        assert "attachment" in shown.headers.get("Content-Disposition", "") or "<script>" not in shown.text


def test_a_private_file_of_a_document_goes_with_the_document(uploader, account, browser):
    _user, door = uploader
    todo = door.send("POST", "/api/resource/ToDo", json={"description": "host upload"}).json["data"]["name"]
    answer = upload(door, "note.txt", b"of the task", doctype="ToDo", docname=todo)
    assert answer.status == 200
    stranger = browser()
    stranger.login(account("stranger"))
    assert stranger.send("GET", answer.message["file_url"]).status != 200
    inside(lambda: frappe.delete_doc("ToDo", todo, force=True))
    assert not inside(lambda: frappe.db.exists("File", answer.message["name"]))
