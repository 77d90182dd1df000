"""What a caller sends about a document is values, never orders to the host."""

import pytest

LIST = "/api/resource/Parcel"
SAVES = "/api/method/frappe.desk.form.save.savedocs"


@pytest.mark.parametrize(
    "flag", ["ignore_permissions", "ignore_validate", "ignore_mandatory", "ignore_links"]
)
def test_flags_are_not_taken_from_callers(reader, clerk, flag):
    values = {"doctype": "Parcel", "title": f"Forged {flag}", "flags": {flag: 1, "ignore_permissions": 1}}
    for path, body in (
        (LIST, values),
        ("/api/method/frappe.client.insert", {"doc": values}),
        ("/api/method/frappe.client.save", {"doc": values}),
        ("/api/method/frappe.client.insert_many", {"docs": [values]}),
        (SAVES, {"doc": {**values, "__islocal": 1}, "action": "Save"}),
    ):
        assert reader.post(path, json=body).status_code == 403, path
    assert clerk.get(f"{LIST}/Forged {flag}").status_code == 404


def test_nobody_makes_himself_or_another_the_owner(clerk):
    made = clerk.post(
        LIST, json={"title": "Owned", "owner": "Administrator", "creation": "2001-01-01 00:00:00"}
    )
    assert made.json()["data"]["owner"] == "clerk@example.com" and not made.json()["data"][
        "creation"
    ].startswith("2001")
    for change in ({"owner": "Administrator"}, {"creation": "2001-01-01 00:00:00"}):
        assert clerk.put(f"{LIST}/Owned", json=change).status_code == 417
    assert clerk.get(f"{LIST}/Owned").json()["data"]["owner"] == "clerk@example.com"


@pytest.mark.parametrize("key", ["save", "run_method", "insert", "meta", "_doc_before_save", "latest", "parent_doc", "doctype_name", "check_permission",
                                 "has_permission", "__class__", "__dict__", "_action", "_original_modified"])  # fmt: skip
def test_values_do_not_replace_what_a_document_can_do(clerk, reader, key):
    assert clerk.put(f"{LIST}/Parcel 30", json={key: "x", "weight": 5}).status_code in {200, 417}
    assert reader.put(f"{LIST}/Parcel 30", json={key: "x", "weight": 6}).status_code in {403, 417}
    assert clerk.get(f"{LIST}/Parcel 30").json()["data"]["weight"] != 6


@pytest.mark.parametrize("value", [{"a": 1}, [1], [["a"]], True])
@pytest.mark.parametrize(
    "key",
    ["name", "owner", "title", "weight", "status", "receiver", "modified", "idx", "docstatus", "parent"],
)
def test_values_of_a_wrong_kind_are_refused(clerk, key, value):
    for answer in (
        clerk.post(LIST, json={"title": f"Wrong {key}", key: value}),
        clerk.put(f"{LIST}/Parcel 31", json={key: value}),
        clerk.post(
            "/api/method/frappe.client.insert", json={"doc": {"doctype": "Parcel", "title": "w", key: value}}
        ),
        clerk.post(
            SAVES,
            json={"doc": {"doctype": "Parcel", "__islocal": 1, "title": "w2", key: value}, "action": "Save"},
        ),
    ):
        assert answer.status_code < 500, answer.text
