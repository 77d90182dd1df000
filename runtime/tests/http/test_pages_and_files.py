"""Pages, assets, uploads, printing, and what a form asks for."""

import json

import pytest

from runtime.tests.http.conftest import PASSWORD, Client

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 200
PDF = b"%PDF-1.4\n" + b"x" * 1000


def upload(client, name, content, **form):
    return client.post("/api/method/upload_file", files={"file": (name, content)}, data=form)


def test_pages_have_context_and_escape_it(clerk):
    answer = clerk.get("/desk-of-parcels")
    assert "Desk of &lt;parcels&gt;" in answer.text and "clerk@example.com" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Desk of" in clerk.get("/parcels/any/thing").text


def test_markdown_redirects_home_and_missing_pages(guest, clerk):
    assert "<h1>About parcels</h1>" in guest.get("/about").text.replace(' id="about-parcels"', "")
    moved = guest.get("/old")
    assert moved.status_code == 301 and moved.headers["Location"] == "/parcels/new"
    assert clerk.get("/").headers["Location"] == "/parcels/home"
    assert guest.get("/no/such/page").status_code == 404


def test_the_sign_in_page_works_without_script(guest):
    page = guest.get("/login?redirect-to=/about").text
    assert "<script" not in page and 'value="/about"' in page
    wrong = guest.post("/login", data={"usr": "clerk@example.com", "pwd": "no"})
    assert wrong.status_code == 401 and "<form" in wrong.text
    right = guest.post("/login", data={"usr": "clerk@example.com", "pwd": PASSWORD, "redirect-to": "/about"})
    assert right.status_code == 303 and right.headers["Location"] == "/about" and guest.cookies["sid"]


def test_assets_are_cached_packed_and_typed(guest):
    hashed = guest.get("/assets/parcel/js/app-Ab3dEf9h.js", headers={"Accept-Encoding": "gzip"})
    assert hashed.headers["Content-Encoding"] == "gzip" and hashed.text == "console.log(1)\n"
    assert "immutable" in hashed.headers["Cache-Control"] and "javascript" in hashed.headers["Content-Type"]
    plain = guest.get("/assets/parcel/plain.css")
    assert "immutable" not in plain.headers["Cache-Control"]
    again = guest.get("/assets/parcel/plain.css", headers={"If-None-Match": plain.headers["ETag"]})
    assert again.status_code == 304


def test_a_private_file_is_read_by_who_may_read_its_document(clerk, reader, guest, server):
    stored = upload(
        clerk, "scan.pdf", PDF, is_private=1, doctype="Parcel", docname="Parcel 03", fieldname="photo"
    )
    address = stored.json()["message"]["file_url"]
    assert address.startswith("/private/files/") and "scan" not in address
    assert clerk.get(address).content == PDF and reader.get(address).content == PDF
    part = clerk.get(address, headers={"Range": "bytes=0-7"})
    assert part.status_code == 206 and part.content == PDF[:8]
    stranger = Client(server.url)
    stranger.headers["Authorization"] = "token key-nobody:secret-9d1"
    assert stranger.get(address).status_code == 403
    assert guest.get(address).status_code in {302, 403}


def test_nobody_gets_at_a_private_file_by_naming_it(clerk, server):
    address = upload(clerk, "scan.pdf", PDF, is_private=1).json()["message"]["file_url"]
    stranger = Client(server.url)
    stranger.headers["Authorization"] = "token key-nobody:secret-9d1"
    made = stranger.post(
        "/api/resource/File", json={"file_name": "mine.pdf", "file_url": address, "is_private": 1}
    )
    assert made.status_code == 403
    assert stranger.get(address).status_code == 403
    own = stranger.post(
        "/api/method/upload_file", files={"file": ("own.pdf", PDF)}, data={"is_private": 1}
    ).json()["message"]
    stranger.put(f"/api/resource/File/{own['name']}", json={"file_url": address})
    assert stranger.get(address).status_code == 403


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.html", b"<script>"),
        ("x.svg", b"<svg/>"),
        ("x.php", b"<?php"),
        ("x", b"abc"),
        ("x.png", b"<html>"),
        ("x.pdf", b"PK\x03\x04"),
        ("x.png", b""),
    ],
)
def test_what_is_not_a_harmless_file_is_refused(clerk, name, content):
    assert upload(clerk, name, content).status_code == 417


def test_uploads_stay_in_their_folder(clerk, server):
    answer = upload(clerk, "../../../evil.png", PNG, is_private=1)
    assert answer.status_code == 200 and ".." not in answer.json()["message"]["file_url"]
    assert not list(server.sites.glob("**/evil.png"))


def test_an_upload_needs_write_permission_on_its_document(reader, guest):
    refused = upload(reader, "x.png", PNG, doctype="Parcel", docname="Parcel 03")
    assert refused.status_code == 403
    assert upload(guest, "x.png", PNG).status_code == 403


def test_a_form_gets_its_document_and_its_history(clerk):
    clerk.put("/api/resource/Parcel/Parcel 04", json={"weight": 44})
    clerk.post("/api/method/frappe.desk.form.utils.add_comment", json={
        "reference_doctype": "Parcel", "reference_name": "Parcel 04", "content": "<b>Hi</b><script>x</script>",
        "comment_email": "other@example.com", "comment_by": "Other"})  # fmt: skip
    body = clerk.get("/api/method/frappe.desk.form.load.getdoc?doctype=Parcel&name=Parcel 04").json()
    info = body["docinfo"]
    assert (
        body["docs"][0]["weight"] == 44.0
        and info["permissions"]["write"] == 1
        and info["permissions"]["submit"] == 0
    )
    assert json.loads(info["versions"][0]["data"])["changed"][0][0] == "weight"
    assert (
        "<script" not in info["comments"][0]["content"]
        and info["comments"][0]["owner"] == "clerk@example.com"
    )


def test_metadata_of_a_form(clerk):
    docs = clerk.get("/api/method/frappe.desk.form.load.getdoctype?doctype=Parcel").json()["docs"]
    assert docs[0]["name"] == "Parcel" and any(field["fieldname"] == "weight" for field in docs[0]["fields"])


def test_metadata_names_the_prints_that_are_switched_on(clerk, admin):
    address = "/api/method/frappe.desk.form.load.getdoctype?doctype=Parcel"
    for name, disabled in (("Parcel Label", 0), ("Old Parcel Label", 1)):
        form = {"name": name, "doc_type": "Parcel", "custom_format": 1, "html": "<p>{{ doc.name }}</p>"}
        assert (
            admin.post("/api/resource/Print Format", json={**form, "disabled": disabled}).status_code == 200
        )
    formats = clerk.get(address).json()["docs"][0]["__print_formats"]
    assert [form["name"] for form in formats] == ["Parcel Label"]


def test_two_people_who_save_the_same_form(clerk, admin):
    doc = clerk.get("/api/method/frappe.desk.form.load.getdoc?doctype=Parcel&name=Parcel 06").json()["docs"][
        0
    ]
    assert admin.put("/api/resource/Parcel/Parcel 06", json={"weight": 1}).status_code == 200
    doc["weight"] = 2
    answer = clerk.post(
        "/api/method/frappe.desk.form.save.savedocs", json={"doc": json.dumps(doc), "action": "Save"}
    )
    assert answer.status_code == 417 and answer.json()["exc_type"] == "TimestampMismatchError"


def test_assigning_tells_the_person(clerk, reader):
    given = {"doctype": "Parcel", "name": "Parcel 07", "assign_to": json.dumps(["reader@example.com"])}
    added = clerk.post("/api/method/frappe.desk.form.assign_to.add", json=given)
    assert [row["owner"] for row in added.json()["message"]] == ["reader@example.com"]
    logs = reader.get(
        "/api/method/frappe.desk.doctype.notification_log.notification_log.get_notification_logs"
    ).json()["message"]
    assert any(log["document_name"] == "Parcel 07" for log in logs["notification_logs"])
    assert (
        "reader@example.com"
        in clerk.get('/api/resource/Parcel?fields=["_assign"]&filters={"name":"Parcel 07"}').text
    )
    stranger = clerk.post(
        "/api/method/frappe.desk.form.assign_to.add", json={**given, "assign_to": '["nobody@example.com"]'}
    )
    assert stranger.status_code == 403
    done = {"doctype": "Parcel", "name": "Parcel 07", "assign_to": "reader@example.com"}
    assert clerk.post("/api/method/frappe.desk.form.assign_to.close", json=done).status_code == 417
    assert reader.post("/api/method/frappe.desk.form.assign_to.close", json=done).json()["message"] == []


def test_the_standard_print_shows_values_and_escapes_them(clerk):
    photo = "/files/<b>bold</b>.png"
    made = clerk.put("/api/resource/Parcel/Parcel 11", json={"photo": photo, "weight": 3})
    assert made.status_code == 200, made.text
    page = clerk.get("/printview", params={"doctype": "Parcel", "name": "Parcel 11"})
    assert page.status_code == 200, page.text
    assert "&lt;b&gt;bold" in page.text and "<b>bold" not in page.text and "Weight" in page.text


@pytest.mark.needs("wkhtmltopdf")
def test_a_document_is_printed_as_a_pdf(clerk):
    answer = clerk.get("/api/method/frappe.utils.print_format.download_pdf?doctype=Parcel&name=Parcel 08")
    assert answer.content.startswith(b"%PDF") and answer.headers["Content-Type"] == "application/pdf"


def test_links_to_a_document_and_likes(clerk):
    clerk.put("/api/resource/Parcel/Parcel 09", json={"receiver": "reader@example.com"})
    linked = clerk.get(
        "/api/method/frappe.desk.form.linked_with.get?doctype=User&docname=reader@example.com"
    ).json()["message"]
    assert [row["name"] for row in linked["Parcel"]] == ["Parcel 09"]
    clerk.post(
        "/api/method/frappe.desk.like.toggle_like",
        json={"doctype": "Parcel", "name": "Parcel 09", "add": "Yes"},
    )
    assert (
        "clerk@example.com"
        in clerk.get('/api/resource/Parcel?fields=["_liked_by"]&filters={"name":"Parcel 09"}').text
    )
