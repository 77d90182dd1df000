from frappe.model.document import Document


class BookingRoom(Document):
    pass
