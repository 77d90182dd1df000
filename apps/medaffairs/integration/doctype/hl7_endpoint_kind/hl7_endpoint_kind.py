"""HL7 Endpoint Kind: a kind of privilege that a system wants to hear of."""

from frappe.model.document import Document


class HL7EndpointKind(Document):
    """A record without behaviour of its own."""
