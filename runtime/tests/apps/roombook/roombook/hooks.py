app_name = "roombook"
app_title = "Roombook"
app_publisher = "Roombook"
app_description = "Rooms of a library"
app_email = "rooms@example.com"
app_license = "gpl-3.0"
required_apps = ["example/lendery"]

home_page = "rooms"
website_context = {"lendery_town": "Shelbyville"}
base_template = "templates/roombook_base.html"

override_doctype_class = {"ToDo": "roombook.overrides.RoomToDo"}
override_whitelisted_methods = {"lendery.api.due_date": "roombook.overrides.due_date"}
doc_events = {
    "Lending Loan": {
        "before_submit": "roombook.events.before_loan",
        "on_submit": "roombook.events.on_loan",
        "on_cancel": "roombook.events.on_loan",
        "on_update_after_submit": "roombook.events.on_loan",
        "on_trash": "roombook.events.on_loan",
        "after_rename": "roombook.events.on_loan",
    }
}
lendery_own_hook = {"a": "three"}
fixtures = [{"dt": "Workflow", "filters": [["document_type", "=", "Room Booking"]]}]
