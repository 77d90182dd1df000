import frappe
from frappe.tests.utils import FrappeTestCase

test_records = frappe.get_test_records("Lending Shelf")


class TestLendingShelf(FrappeTestCase):
    def test_a_shelf_stands_below_another(self):
        shelf = frappe.get_doc("Lending Shelf", test_records[0]["shelf_name"])
        self.assertEqual(shelf.get_ancestors(), ["All"])
        self.assertDocumentEqual({"shelf_name": "_Test Shelf", "parent_lending_shelf": "All"}, shelf)

    def test_queries_are_counted(self):
        frappe.db.get_value("Lending Shelf", "_Test Shelf", "lft")
        with self.assertQueryCount(1):
            frappe.db.get_value("Lending Shelf", "_Test Shelf", "rgt")
