app_name = "lendery"
app_title = "Lendery"
app_publisher = "Lendery"
app_description = "A lending library"
app_email = "hello@example.com"
app_license = "gpl-3.0"
app_logo_url = "/assets/lendery/images/logo.svg"

add_to_apps_screen = [
    {
        "name": "lendery",
        "logo": "/assets/lendery/images/logo.svg",
        "title": "Lendery",
        "route": "/lending",
        "has_permission": "lendery.access.may_see_app",
    }
]

# Pages of the desk and of the website

app_include_css = "/assets/lendery/css/desk.css"
app_include_js = ["/assets/lendery/js/desk.js"]
app_include_icons = ["lendery/icons/icons.svg"]
web_include_css = "/assets/lendery/css/web.css"
web_include_js = ["/assets/lendery/js/web.js"]
website_clear_cache = "lendery.web.page_changed"
doctype_js = {"ToDo": "public/js/todo.js"}
doctype_list_js = {"ToDo": "public/js/todo_list.js"}
doctype_tree_js = {"Lending Shelf": "public/js/shelf_tree.js"}
doctype_calendar_js = {"ToDo": "public/js/todo_calendar.js"}

home_page = "lending"
role_home_page = {"Lending Clerk": "lending/clerk"}
get_website_user_home_page = "lendery.web.home_page_of"
website_generators = ["Lending Item"]
website_route_rules = [
    {"from_route": "/shelf/<shelf>", "to_route": "lending/shelf"},
    {"from_route": "/lend/<path:app_path>", "to_route": "lending"},
]
website_redirects = [
    {"source": "/old-catalogue", "target": "/lending"},
    {"source": r"/book/(.*)", "target": r"/items/\1"},
    {"source": "/soon", "target": "/lending/clerk", "redirect_http_status": 302},
]
website_context = {"favicon": "/assets/lendery/images/favicon.png", "lendery_town": "Springfield"}
update_website_context = "lendery.web.add_to_context"
base_template_map = {r"lending/bare.*": "templates/lendery_bare.html"}
page_renderer = "lendery.web.ReceiptPage"
website_path_resolver = "lendery.web.resolve"
standard_portal_menu_items = [
    {
        "title": "My Loans",
        "route": "/lending/mine",
        "reference_doctype": "Lending Loan",
        "role": "Lending Reader",
    }
]
portal_menu_items = [{"title": "Suggest a Book", "route": "/lending/suggest", "role": "Lending Reader"}]
brand_html = '<span class="lendery-brand">Lendery</span>'

# Texts and templates

jinja = {
    "methods": ["lendery.jinja.methods", "lendery.jinja.single.shout"],
    "filters": "lendery.jinja.filters",
}

# From installation to removal

before_install = "lendery.install.before_install"
after_install = "lendery.install.after_install"
after_sync = "lendery.install.after_sync"
before_uninstall = "lendery.install.before_uninstall"
after_uninstall = "lendery.install.after_uninstall"
before_app_install = "lendery.install.before_app_install"
after_app_install = "lendery.install.after_app_install"
before_app_uninstall = "lendery.install.before_app_uninstall"
after_app_uninstall = "lendery.install.after_app_uninstall"
before_migrate = "lendery.install.before_migrate"
after_migrate = ["lendery.install.after_migrate"]
before_tests = "lendery.install.before_tests"
fixtures = [
    "Lending Fee Class",
    {"dt": "Role", "filters": [["name", "like", "Lending%"]]},
    {"dt": "Custom Field", "filters": {"module": "Lendery"}},
    {"doctype": "Property Setter", "filters": [["module", "=", "Lendery"]]},
]

# Sessions, requests, jobs

boot_session = "lendery.session.boot_session"
extend_bootinfo = ["lendery.session.extend_bootinfo"]
on_login = "lendery.session.on_login"
on_session_creation = ["lendery.session.on_session_creation"]
on_logout = "lendery.session.on_logout"
auth_hooks = ["lendery.session.authenticate"]
before_request = ["lendery.session.before_request"]
after_request = ["lendery.session.after_request"]
before_job = ["lendery.session.before_job"]
after_job = ["lendery.session.after_job"]
clear_cache = "lendery.session.clear_cache"
notification_config = "lendery.session.notification_config"

# Documents

override_doctype_class = {"ToDo": "lendery.overrides.LendingToDo"}
doc_events = {
    "*": {"on_update": "lendery.events.on_any_update", "on_trash": "lendery.events.on_any_trash"},
    "User": {"validate": ["lendery.events.validate_user"], "after_insert": "lendery.events.after_user"},
    ("Note", "ToDo"): {"before_insert": "lendery.events.before_note_or_todo"},
}
permission_query_conditions = {"Lending Loan": "lendery.access.loans_of"}
has_permission = {"Lending Loan": "lendery.access.may_loan"}
has_website_permission = {"Lending Loan": "lendery.access.may_loan_on_web"}
naming_series_variables = {"SHELFLESS": "lendery.events.part_of_name"}
standard_queries = {"Lending Member": "lendery.access.members_by_name"}
ignore_links_on_delete = ["Lending Visit"]
auto_cancel_exempted_doctypes = ["Lending Visit"]
override_doctype_dashboards = {"User": "lendery.dashboards.of_user"}
global_search_doctypes = {"Default": [{"doctype": "Lending Item", "index": 0}]}
treeviews = ["Lending Shelf"]
calendars = ["Lending Loan"]
sounds = [{"name": "stamp", "src": "/assets/lendery/sounds/stamp.mp3", "volume": 0.2}]
additional_timeline_content = {"Lending Loan": ["lendery.dashboards.timeline_of_loan"]}
default_log_clearing_doctypes = {"Lending Visit": 30}
user_data_fields = [
    {"doctype": "Lending Member", "filter_by": "email", "redact_fields": ["member_name"], "partial": 1}
]

# Background

scheduler_events = {
    "all": ["lendery.tasks.all"],
    "hourly": ["lendery.tasks.hourly"],
    "hourly_long": ["lendery.tasks.hourly_long"],
    "daily": ["lendery.tasks.daily"],
    "daily_long": ["lendery.tasks.daily_long"],
    "weekly": ["lendery.tasks.weekly"],
    "weekly_long": ["lendery.tasks.weekly_long"],
    "monthly": ["lendery.tasks.monthly"],
    "monthly_long": ["lendery.tasks.monthly_long"],
    "yearly": ["lendery.tasks.yearly"],
    "cron": {"*/15 6-20 * * 1-5": ["lendery.tasks.quarter"], "0 3 * * *": ["lendery.tasks.night"]},
}

# Methods

override_whitelisted_methods = {"frappe.desk.search.search_link": "lendery.api.search_link_and_note"}
require_type_annotated_api_methods = True
export_python_type_annotations = True

# Files, mails, prints

before_write_file = "lendery.files.before_write_file"
write_file = "lendery.files.write_file"
delete_file_data_content = "lendery.files.delete_file"
default_mail_footer = "<p>Lendery, Springfield</p>"
email_brand_image = "/assets/lendery/images/logo.png"
make_email_body_message = "lendery.mails.body"
get_sender_details = "lendery.mails.sender"
override_email_send = "lendery.mails.send"
pdf_header_html = "lendery.prints.header"
pdf_footer_html = "lendery.prints.footer"
pdf_body_html = "lendery.prints.body"
get_print_format_template = "lendery.prints.template"

# Read by others

ignore_translatable_strings_from = ["lendery.texts"]
get_changelog_feed = "lendery.texts.changelog"
lendery_own_hook = {"a": "one", "b": ["two"]}
