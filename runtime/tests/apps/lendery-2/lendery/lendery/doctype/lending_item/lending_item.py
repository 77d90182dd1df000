import frappe
from frappe.website.website_generator import WebsiteGenerator


class LendingItem(WebsiteGenerator):
    website = frappe._dict(
        template="templates/generators/lending_item.html",
        condition_field="published",
        page_title_field="title",
    )

    def get_context(self, context):
        context.extra = f"{self.stock} copies"
        context.parents = [{"name": "lending", "title": "Catalogue"}]

    @frappe.whitelist()
    def reserve(self, copies: int = 1) -> int:
        """How many copies are left when some are set aside."""
        if copies > self.stock:
            frappe.throw(f"There are only {self.stock} copies")
        return self.stock - copies
