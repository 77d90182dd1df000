"""Threats at the door: forged requests, stolen or guessed secrets, paths, garbage."""

import base64
import json
import time

import pytest

from runtime.tests.http.conftest import PASSWORD, Client

LIST = "/api/resource/Parcel"


def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(guest):
    wrong = guest.post("/api/method/login", json={"usr": "nobody@example.com", "pwd": "wrong"})
    unknown = guest.post("/api/method/login", json={"usr": "ghost@example.com", "pwd": "wrong"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["message"] == unknown.json()["message"]
    assert "sid" not in guest.cookies


def test_the_session_cookie_is_for_the_server_only(guest):
    answer = guest.post("/api/method/login", json={"usr": "clerk@example.com", "pwd": PASSWORD})
    cookie = next(line for line in answer.raw.headers.getlist("Set-Cookie") if line.startswith("sid="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert answer.json()["home_page"] == "/parcels/home" and answer.json()["full_name"] == "Clerk"


def test_a_planted_session_number_is_not_taken_over(guest):
    guest.cookies.set("sid", "f" * 56)
    guest.post("/api/method/login", json={"usr": "clerk@example.com", "pwd": PASSWORD})
    assert set(guest.cookies.get_dict()["sid"]) != {"f"}


def test_a_write_without_the_session_s_token_is_refused(clerk):
    del clerk.headers["X-Frappe-CSRF-Token"]
    for headers in ({}, {"X-Frappe-CSRF-Token": "guess"}):
        answer = clerk.post(LIST, json={"title": "Forged"}, headers=headers)
        assert answer.status_code == 400 and answer.json()["exc_type"] == "CSRFTokenError"
    assert clerk.get(f"{LIST}/Forged").status_code == 404


def test_signing_out_ends_the_session_on_the_server(clerk, guest):
    sid = clerk.cookies["sid"]
    assert clerk.post("/api/method/logout").status_code == 200
    guest.cookies.set("sid", sid)
    answer = guest.get(LIST)
    assert answer.status_code in {401, 403} and answer.json()["session_expired"] == 1


def test_other_sessions_can_be_ended(server, clerk):
    other = Client(server.url)
    other.sign_in("clerk@example.com")
    assert len(clerk.get("/api/method/frappe.sessions.get_sessions").json()["message"]) >= 2
    clerk.post("/api/method/frappe.sessions.log_out_everywhere")
    assert other.get(LIST).status_code in {401, 403}
    assert clerk.get(LIST).status_code == 200


def test_keys_sign_in_and_wrong_ones_do_not(server, guest):
    basic = base64.b64encode(b"key-reader:secret-9d1").decode()
    for header, status in (
        ("token key-reader:secret-9d1", 200),
        (f"Basic {basic}", 200),
        ("token key-reader:wrong", 401),
        ("token key-reader", 401),
        ("token nobody:secret-9d1", 401),
        ("Basic !!", 401),
        ("Basic /w==", 401),
        ("Bearer x", 401),
    ):
        answer = guest.get(LIST, headers={"Authorization": header})
        assert answer.status_code == status, header


def test_an_app_s_auth_hook_may_sign_in(guest):
    assert guest.get(LIST, headers={"X-Robot": "friendly"}).status_code == 200
    assert guest.get(LIST, headers={"X-Robot": "hostile"}).status_code == 403


def test_a_disabled_user_is_out_at_once(server, admin):
    client = Client(server.url)
    client.sign_in("gone@example.com")
    token = {"Authorization": "token key-gone:secret-9d1"}
    assert (
        client.get(LIST).status_code == 200 and Client(server.url).get(LIST, headers=token).status_code == 200
    )
    assert admin.put("/api/resource/User/gone@example.com", json={"enabled": 0}).status_code == 200
    assert client.get(LIST).status_code in {401, 403}
    assert Client(server.url).get(LIST, headers=token).status_code == 401
    assert Client(server.url).sign_in("gone@example.com").status_code == 401


def test_a_role_that_is_taken_away_is_gone_at_once(server, admin):
    token = {"Authorization": "token key-locked:secret-9d1"}
    guest = Client(server.url)
    assert guest.get(LIST, headers=token).status_code == 200
    assert admin.put("/api/resource/User/locked@example.com", json={"roles": []}).status_code == 200
    assert [guest.get(LIST, headers=token).status_code for _ in range(6)] == [403] * 6


def test_guessing_passwords_is_slowed_down(server):
    guest = Client(server.url)
    for _ in range(5):
        guest.post("/api/method/login", json={"usr": "locked@example.com", "pwd": "guess"})
    answer = guest.post("/api/method/login", json={"usr": "locked@example.com", "pwd": PASSWORD})
    assert (answer.status_code != 200 and "locked" in answer.text.lower()) or answer.json()[
        "exc_type"
    ] == "SecurityException"


def test_guests_and_strangers_get_nothing(guest, server):
    assert guest.get(LIST).status_code == 403
    stranger = {"Authorization": "token key-nobody:secret-9d1"}
    for path in (LIST, f"{LIST}/Parcel 01", "/api/method/frappe.client.get?doctype=Parcel&name=Parcel 01",
                 "/api/method/frappe.desk.form.load.getdoc?doctype=Parcel&name=Parcel 01",
                 "/api/method/frappe.utils.print_format.download_pdf?doctype=Parcel&name=Parcel 01"):  # fmt: skip
        assert guest.get(path, headers=stranger).status_code == 403, path


def test_a_reader_changes_nothing_by_any_door(reader):
    name = "Parcel 01"
    doc = {"doctype": "Parcel", "name": name, "title": name, "weight": 99}
    for method, path, body in (
        ("PUT", f"{LIST}/{name}", {"weight": 99}),
        ("DELETE", f"{LIST}/{name}", None),
        ("POST", LIST, {"title": "New"}),
        ("POST", "/api/method/frappe.client.set_value", {"doctype": "Parcel", "name": name, "fieldname": "weight", "value": 99}),
        ("POST", "/api/method/frappe.client.save", {"doc": doc}),
        ("POST", "/api/method/frappe.client.insert", {"doc": {"doctype": "Parcel", "title": "New"}}),
        ("POST", "/api/method/frappe.client.delete", {"doctype": "Parcel", "name": name}),
        ("POST", "/api/method/frappe.client.rename_doc", {"doctype": "Parcel", "old_name": name, "new_name": "X"}),
        ("POST", "/api/method/frappe.desk.form.save.savedocs", {"doc": json.dumps(doc), "action": "Save"}),
    ):  # fmt: skip
        assert reader.request(method, path, json=body).status_code in {403, 417}, (method, path)
    assert reader.get(f"{LIST}/{name}").json()["data"]["weight"] == 1.0


def test_fields_of_a_higher_level_are_neither_read_nor_written(clerk, admin):
    assert admin.put(f"{LIST}/Parcel 02", json={"price": 98765.25}).status_code == 200
    assert clerk.put(f"{LIST}/Parcel 02", json={"price": 1}).status_code in {200, 403}
    assert "98765" not in clerk.get(f"{LIST}/Parcel 02").text
    assert admin.get(f"{LIST}/Parcel 02").json()["data"]["price"] == 98765.25
    listed = clerk.get(f'{LIST}?fields=["name","price"]')
    assert listed.status_code in {403, 417} or "price" not in listed.json()["data"][0]


def test_secrets_of_users_are_not_for_colleagues(clerk):
    text = clerk.get("/api/resource/User/reader@example.com").text
    assert "key-reader" not in text and "secret-9d1" not in text
    listed = clerk.get('/api/resource/User?fields=["name","api_key"]')
    assert "key-reader" not in listed.text


def test_somebody_else_s_comment_cannot_be_read_through_the_list(admin, clerk, server):
    made = admin.post("/api/resource/Comment", json={"comment_type": "Comment", "reference_doctype": "User",
                      "reference_name": "Administrator", "content": "between us"})  # fmt: skip
    assert made.status_code == 200
    assert "between us" not in clerk.get('/api/resource/Comment?fields=["content"]').text


@pytest.mark.parametrize(
    "path",
    ["/assets/parcel/../secret.txt", "/assets/parcel/%2e%2e/secret.txt", "/assets/../parcel/hooks.py", "/assets/parcel/..%2fhooks.py",
     "/assets/os/path.py", "/assets/parcel/", "/files/../../site_config.json", "/files/%2e%2e/%2e%2e/site_config.json",
     "/private/files/../../site_config.json", "/files/..%5c..%5csite_config.json", "/../sites/apps.txt", "/%2e%2e/%2e%2e/etc/passwd",
     "/assets/parcel//etc/passwd", "/site_config.json", "/.git/config", "/www/desk_of_parcels.py", "/desk_of_parcels.py"],
)  # fmt: skip
def test_no_path_leads_out(server, path):
    import http.client
    from urllib.parse import urlsplit

    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode(errors="replace")
    assert answer.status in {301, 302, 400, 403, 404}, text
    assert "encryption_key" not in text and "root:" not in text and "not public" not in text


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"x"',
        b"null",
        b"\xff\xfe",
        b"{" * 5000,
        b'{"a":' * 3000 + b"1" + b"}" * 3000,
        b'{"title": "\\ud800"}',
        b'{"title": NaN}',
    ],
)
def test_garbage_bodies_get_a_clear_refusal(clerk, body):
    answer = clerk.post(LIST, data=body, headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500
    assert answer.json()["exc_type"]


@pytest.mark.parametrize(
    "query",
    ["fields=[", "fields=*%00", 'fields=["name;drop table x"]', "filters={", 'filters={"nope":1}', "order_by=name;--",
     'order_by=(select 1)', "limit_page_length=abc", "limit_start=-5", "limit_page_length=99999999999999999999", 'filters=[["name"]]',
     "group_by=1)union select", 'filters={"weight":["nope",1]}', "filters=" + "[" * 3000, 'fields=[["a"]]', "expand=[1]", "filters=1", "fields=1"],
)  # fmt: skip
def test_garbage_queries_are_never_an_internal_error(clerk, query):
    answer = clerk.get(f"{LIST}?{query}")
    assert answer.status_code < 500, answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/api/resource/Nope",
        "/api/resource/Parcel/Nope",
        "/api/resource",
        "/api",
        "/api/nope/x",
        "/api/resource/%00",
    ],
)
def test_what_is_not_there_is_404(clerk, path):
    assert clerk.get(path).status_code in {404, 417}


def test_an_internal_error_tells_nothing_about_itself(clerk):
    answer = clerk.get("/api/method/parcel.api.crash")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text and "Traceback" not in answer.text
    assert answer.json()["exc_type"] == "RuntimeError"


def test_an_unknown_site_is_404(guest):
    assert guest.get("/", headers={"X-Frappe-Site-Name": "nowhere.test"}).status_code == 404
    assert guest.get("/", headers={"X-Frappe-Site-Name": "../http.test"}).status_code == 404


def test_every_page_carries_the_security_headers(guest):
    headers = guest.get("/login").headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "same-origin"
    assert guest.get("/api/method/ping").headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "\\\\evil.example"],
)
def test_signing_in_never_leads_to_another_host(guest, target):
    assert "evil" not in guest.get("/login", params={"redirect-to": target}).text
    answer = guest.post("/login", data={"usr": "clerk@example.com", "pwd": PASSWORD, "redirect-to": target})
    assert answer.status_code == 303 and answer.headers["Location"] == "/parcels/home"


def test_a_sign_in_form_of_another_host_is_refused(guest):
    answer = guest.post(
        "/login",
        data={"usr": "clerk@example.com", "pwd": PASSWORD},
        headers={"Origin": "https://evil.example"},
    )
    assert answer.status_code == 400 and "sid" not in guest.cookies


def test_changing_the_password_ends_other_sessions(server, admin):
    client = Client(server.url)
    assert client.sign_in("nobody@example.com").status_code == 200
    other = Client(server.url)
    other.sign_in("nobody@example.com")
    changed = client.post("/api/method/frappe.core.doctype.user.user.update_password",
                          json={"new_password": "Another-horse-8", "old_password": PASSWORD, "logout_all_sessions": 1})  # fmt: skip
    assert changed.status_code == 200, changed.text
    time.sleep(0.1)
    assert other.get("/api/method/parcel.api.last_login").status_code in {401, 403}
    assert Client(server.url).sign_in("nobody@example.com").status_code == 401
