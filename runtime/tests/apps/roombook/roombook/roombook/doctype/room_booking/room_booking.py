import frappe
from frappe.model.document import Document


class RoomBooking(Document):
    def validate(self):
        taken = frappe.db.exists(
            "Room Booking", {"room": self.room, "on_day": self.on_day, "name": ("!=", self.name)}
        )
        if taken:
            frappe.throw(frappe._("The room is taken"), frappe.DuplicateEntryError)
