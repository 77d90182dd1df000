"""What the host has called, one JSON line each, where a test can read it: files outlive rollbacks and processes."""

import json
import os

import frappe


def path():
    return frappe.get_site_path("private", "lendery_trace.jsonl")


def note(event, **facts):
    with open(path(), "a") as file:
        file.write(json.dumps({"event": event, **facts}, default=str) + "\n")


def read():
    if not os.path.exists(path()):
        return []
    with open(path()) as file:
        return [json.loads(line) for line in file]


def forget():
    if os.path.exists(path()):
        os.remove(path())
