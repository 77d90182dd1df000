"""What the app registers with its host: a table of names and dotted paths."""

from medaffairs.permissions import has_permission_hooks, query_condition_hooks

app_name = "medaffairs"
app_title = "Medical Affairs"
app_publisher = "medaffairs contributors"
app_description = "The system in which a hospital's medical-affairs office works"
app_email = "medaffairs@example.org"
app_license = "GPL-3.0-or-later"

add_to_apps_screen = [
    {
        "name": "medaffairs",
        "logo": "/assets/medaffairs/images/logo.svg",
        "title": "Medical Affairs",
        "route": "/medaffairs",
    }
]

after_install = "medaffairs.setup.install.after_install"
after_migrate = ["medaffairs.setup.install.after_migrate"]

fixtures = [
    {
        "dt": "Role",
        "filters": [
            [
                "name",
                "in",
                [
                    "Medical Affairs Manager",
                    "Medical Affairs Officer",
                    "Department Head",
                    "Party Branch Secretary",
                    "Team Leader",
                    "Practitioner",
                    "Nurse",
                    "Functional Department",
                    "Committee Member",
                    "Inspector",
                    "Radiation Safety Officer",
                    "Exam Administrator",
                    "Complaint Officer",
                    "Hospital Leader",
                    "Auditor",
                    "Integration",
                ],
            ]
        ],
    }
]

has_permission = has_permission_hooks
permission_query_conditions = query_condition_hooks

website_route_rules = [{"from_route": "/medaffairs/<path:app_path>", "to_route": "medaffairs"}]

role_home_page = {
    "Medical Affairs Manager": "medaffairs",
    "Medical Affairs Officer": "medaffairs",
    "Department Head": "medaffairs",
    "Party Branch Secretary": "medaffairs",
    "Team Leader": "medaffairs",
    "Practitioner": "medaffairs",
    "Nurse": "medaffairs",
    "Functional Department": "medaffairs",
    "Committee Member": "medaffairs",
    "Inspector": "medaffairs",
    "Radiation Safety Officer": "medaffairs",
    "Exam Administrator": "medaffairs",
    "Complaint Officer": "medaffairs",
    "Hospital Leader": "medaffairs",
    "Auditor": "medaffairs",
    "Integration": "medaffairs",
}

global_search_doctypes = {
    "Default": [
        {"doctype": "Practitioner"},
        {"doctype": "Clinical Department"},
        {"doctype": "Privilege Application"},
        {"doctype": "Procedure"},
        {"doctype": "Drug Privilege"},
        {"doctype": "Unauthorized Act"},
        {"doctype": "Demerit Record"},
        {"doctype": "Penalty"},
        {"doctype": "Improvement Action"},
        {"doctype": "Ballot"},
        {"doctype": "Committee"},
        {"doctype": "Expert Pool"},
        {"doctype": "Dictionary Item"},
    ]
}

jinja = {
    "methods": [
        "medaffairs.privileging.printing.chinese_date",
        "medaffairs.privileging.printing.application_print",
        "medaffairs.privileging.printing.certificate_print",
        "medaffairs.privileging.printing.act_print",
        "medaffairs.privileging.printing.reevaluation_print",
        "medaffairs.demerit.printing.notice_print",
        "medaffairs.adverse_event.printing.event_print",
        "medaffairs.improvement.printing.rectification_print",
        "medaffairs.forms.printing.response_print",
        "medaffairs.dispute.printing.acceptance_print",
        "medaffairs.dispute.printing.complaint_notice_print",
    ]
}

before_request = ["medaffairs.audit.watch.before_request"]
after_request = [
    "medaffairs.audit.watch.after_request",
    "medaffairs.doors.make_csrf_token",
    "medaffairs.doors.disarm_exports",
]
auth_hooks = ["medaffairs.doors.refuse_disabled_user"]
standard_queries = {"Negative List Item": "medaffairs.demerit.choice.items"}
override_whitelisted_methods = {"frappe.client.get_count": "medaffairs.doors.get_count"}

doc_events = {
    "*": {"validate": "medaffairs.doors.refuse_missing_links"},
    "User": {"validate": "medaffairs.audit.events.refuse_mixed_duties"},
    "Practitioner": {
        "validate": "medaffairs.doors.refuse_foreign_files",
        "on_update": "medaffairs.privileging.events.follow_employment",
    },
    "Medical Affairs Settings": {
        "on_update": [
            "medaffairs.privileging.events.follow_governing_scheme",
            "medaffairs.demerit.events.follow_settings",
        ]
    },
    "Clinical Department": {"on_update": "medaffairs.organization.events.forget_scopes"},
    "File": {
        "validate": ["medaffairs.doors.refuse_foreign_attachment", "medaffairs.dispute.events.check_file"],
        "after_insert": "medaffairs.forms.answers.forget_sender",
    },
    "Catalogue Import": {"validate": "medaffairs.doors.refuse_foreign_files"},
    "Exam Result": {"validate": "medaffairs.doors.refuse_foreign_files"},
    "Demerit Record": {"validate": "medaffairs.doors.refuse_foreign_files"},
    "Dispute Record": {"validate": "medaffairs.doors.refuse_foreign_files"},
    "Medical Dispute": {"validate": "medaffairs.doors.refuse_foreign_files"},
    "Medical Complaint": {"validate": "medaffairs.doors.refuse_foreign_files"},
    "Dispute Warning": {"validate": "medaffairs.doors.refuse_foreign_files"},
}

scheduler_events = {
    "cron": {
        "*/5 * * * *": [
            "medaffairs.approval.ballots.close_overdue",
            "medaffairs.privileging.events.follow_the_clock",
            "medaffairs.approval.events.refresh_delegations",
            "medaffairs.demerit.events.note_read",
            "medaffairs.adverse_event.notices.announce_forgotten",
            "medaffairs.organization.events.watch_deadlines",
        ],
        "* * * * *": [
            "medaffairs.integration.events.process_left_behind",
            "medaffairs.messaging.events.work",
        ],
    },
    "hourly": [
        "medaffairs.approval.events.escalate_overdue",
        "medaffairs.approval.ballots.remind_voters",
        "medaffairs.demerit.events.confirm_unanswered",
    ],
    "daily": [
        "medaffairs.adverse_event.quality.generation.generate_due",
        "medaffairs.organization.events.refresh_titles",
        "medaffairs.organization.events.remind_of_licences",
        "medaffairs.privileging.ledger.refresh_status",
        "medaffairs.privileging.events.remind_of_expiry",
        "medaffairs.privileging.catalogue.levels.refresh",
        "medaffairs.privileging.acts.notices.remind_of_unexplained",
        "medaffairs.audit.events.seal_and_purge",
    ],
}

require_type_annotated_api_methods = True
