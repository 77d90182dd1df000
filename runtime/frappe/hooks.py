"""What the host itself does as an app."""

app_name = "frappe"
app_title = "Frappe"
app_publisher = "benchless"
app_description = "An embedded host for Frappe apps"
app_license = "GPL-3.0-or-later"

has_permission = {"File": "frappe.core.doctype.file.file.has_permission"}

scheduler_events = {"daily": ["frappe.sessions.clear_expired_sessions"]}
