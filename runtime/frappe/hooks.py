"""What the host itself does as an app."""

app_name = "frappe"
app_title = "Frappe"
app_publisher = "benchless"
app_description = "An embedded host for Frappe apps"
app_license = "GPL-3.0-or-later"

has_permission = {
    "Comment": "frappe.core.doctype.comment.comment.has_permission",
    "Communication": "frappe.core.doctype.communication.communication.has_permission",
    "Notification Log": "frappe.desk.doctype.notification_log.notification_log.has_permission",
    "Notification Settings": "frappe.desk.doctype.notification_settings.notification_settings.has_permission",
    "ToDo": "frappe.desk.doctype.todo.todo.has_permission",
    "Event": "frappe.desk.doctype.event.event.has_permission",
    "File": "frappe.core.doctype.file.file.has_permission",
    "Workflow Action": "frappe.workflow.doctype.workflow_action.workflow_action.has_permission",
    "Number Card": "frappe.desk.doctype.number_card.number_card.has_permission",
    "Prepared Report": "frappe.core.doctype.prepared_report.prepared_report.has_permission",
    "Dashboard Chart": "frappe.desk.doctype.dashboard_chart.dashboard_chart.has_permission",
}

permission_query_conditions = {
    "Event": "frappe.desk.doctype.event.event.get_permission_query_conditions",
    "Comment": "frappe.core.doctype.comment.comment.get_permission_query_conditions",
    "Notification Log": "frappe.desk.doctype.notification_log.notification_log.get_permission_query_conditions",
    "Notification Settings": "frappe.desk.doctype.notification_settings.notification_settings.get_permission_query_conditions",
    "ToDo": "frappe.desk.doctype.todo.todo.get_permission_query_conditions",
    "Workflow Action": "frappe.workflow.doctype.workflow_action.workflow_action.get_permission_query_conditions",
    "Number Card": "frappe.desk.doctype.number_card.number_card.get_permission_query_conditions",
    "Prepared Report": "frappe.core.doctype.prepared_report.prepared_report.get_permission_query_condition",
}

doc_events = {
    "User": {
        "after_insert": "frappe.desk.doctype.notification_settings.notification_settings.follow_user",
        "on_trash": "frappe.desk.doctype.notification_settings.notification_settings.follow_user",
    },
    "*": {
        "after_insert": "frappe.desk.form.document_follow.follow_created",
        "on_update": [
            "frappe.workflow.doctype.workflow_action.workflow_action.process_workflow_actions",
            "frappe.automation.doctype.assignment_rule.assignment_rule.apply",
            "frappe.utils.global_search.update_global_search",
        ],
        "after_delete": "frappe.utils.global_search.delete_for_document",
        "after_rename": "frappe.utils.global_search.rename_for_document",
        "on_cancel": [
            "frappe.workflow.doctype.workflow_action.workflow_action.process_workflow_actions",
            "frappe.automation.doctype.assignment_rule.assignment_rule.apply",
        ],
        "on_update_after_submit": [
            "frappe.workflow.doctype.workflow_action.workflow_action.process_workflow_actions",
            "frappe.automation.doctype.assignment_rule.assignment_rule.apply",
            "frappe.utils.global_search.update_global_search",
        ],
        "on_change": "frappe.automation.doctype.assignment_rule.assignment_rule.update_due_date",
        "on_trash": "frappe.workflow.doctype.workflow_action.workflow_action.process_workflow_actions",
    },
}

scheduler_events = {
    "all": ["frappe.email.queue.flush"],
    "daily": [
        "frappe.sessions.clear_expired_sessions",
        "frappe.email.doctype.notification.notification.trigger_daily_alerts",
        "frappe.desk.form.document_follow.send_daily_updates",
        "frappe.desk.doctype.event.event.send_event_digest",
        "frappe.desk.doctype.event.event.set_status_of_events",
    ],
    "hourly": [
        "frappe.desk.form.document_follow.send_hourly_updates",
        "frappe.core.doctype.prepared_report.prepared_report.expire_stalled_report",
    ],
    "weekly_long": ["frappe.desk.form.document_follow.send_weekly_updates"],
    "monthly": ["frappe.email.doctype.auto_email_report.auto_email_report.send_monthly"],
    "daily_long": [
        "frappe.email.doctype.auto_email_report.auto_email_report.send_daily",
        "frappe.core.doctype.log_settings.log_settings.run_log_clean_up",
    ],
}

default_log_clearing_doctypes = {"Error Log": 30, "Activity Log": 90, "Scheduled Job Log": 90}
