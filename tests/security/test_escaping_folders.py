"""Threat: an address or an uploaded name that leaves its folder, or a file that is not what it says."""

from pathlib import Path

import frappe
import pytest

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
ADDRESSES = (
    "/files/../site_config.json", "/files/..%2fsite_config.json", "/files/%2e%2e/site_config.json",
    "/private/files/../../site_config.json", "/private/files/..%2f..%2fsite_config.json",
    "/assets/medaffairs/../../../common_site_config.json", "/assets/..%2f..%2fsite_config.json",
    "/assets/medaffairs/..%5c..%5chooks.py", "/files/....//....//site_config.json", "/files//etc/passwd",
    "/medaffairs/../../site_config.json", "/%2e%2e/%2e%2e/etc/passwd",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("who", [None, "applicant", "administrator"])
def test_no_address_leads_out_of_its_folder(hospital, address, who):
    import http.client
    from urllib.parse import urlsplit

    # The library of HTTP that the tests use elsewhere would tidy the address before it is sent.
    parts = urlsplit(hospital.base)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
    headers = {"X-Frappe-Site-Name": hospital.site}
    if who:
        headers["Authorization"] = f"token {hospital.tokens[who]}"
    connection.request("GET", address, headers=headers)
    answer = connection.getresponse()
    body = answer.read().decode("utf-8", "replace")
    connection.close()
    assert answer.status < 500, body[:300]
    assert (
        "db_name" not in body
        and "encryption_key" not in body
        and "root:" not in body
        and "app_name" not in body
    )


@pytest.mark.parametrize(
    "name", ["../../evil.png", "..\\..\\evil.png", "/etc/cron.d/evil.png", "a/b/../../evil.png"]
)
def test_an_uploaded_name_does_not_choose_its_folder(hospital, name):
    answer = _upload(hospital, name, PNG)
    assert answer.status_code < 500
    if answer.ok:
        address = answer.json()["message"]["file_url"]
        assert address.split("/files/")[1].count("/") == 0
        stored = frappe.get_doc("File", answer.json()["message"]["name"]).get_full_path()
        assert Path(stored).resolve().parent == Path(frappe.get_site_path("private", "files")).resolve()


@pytest.mark.parametrize(
    "name", ["page.html", "script.js", "picture.svg", "program.exe", "shell.sh", "macro.docm"]
)
def test_what_a_browser_would_run_is_not_served_to_it(hospital, name):
    answer = _upload(hospital, name, b"<script>alert(1)</script>")
    if answer.ok:
        shown = hospital.as_("applicant").send("GET", answer.json()["message"]["file_url"])
        kind = shown.headers.get("Content-Type", "")
        attached = "attachment" in shown.headers.get("Content-Disposition", "")
        assert attached or not any(word in kind for word in ("html", "script", "svg", "xml"))


def test_an_upload_is_private_unless_said_otherwise_by_who_may(hospital):
    sheet = hospital.apply()
    answer = _upload(
        hospital, "evidence.png", PNG, doctype="Privilege Application", docname=sheet, is_private=1
    )
    assert answer.ok, answer.text
    address = answer.json()["message"]["file_url"]
    assert address.startswith("/private/files/")
    assert hospital.as_("applicant").send("GET", address).content == PNG
    for who in ("stranger", "other_head", "colleague"):
        assert hospital.as_(who).send("GET", address).status_code in {403, 404}, who
    assert PNG not in hospital.as_(None).send("GET", address).content


def test_nobody_attaches_to_a_record_that_he_may_not_write(hospital):
    sheet = hospital.apply()
    answer = hospital.as_("stranger").send(
        "POST", "/api/method/upload_file", files={"file": ("x.png", PNG)},
        data={"doctype": "Privilege Application", "docname": sheet, "is_private": 1},
    )  # fmt: skip
    assert answer.status_code == 403


def _upload(hospital, name: str, content: bytes, **form):
    return hospital.as_("applicant").send(
        "POST", "/api/method/upload_file", files={"file": (name, content)}, data={"is_private": 1, **form}
    )
