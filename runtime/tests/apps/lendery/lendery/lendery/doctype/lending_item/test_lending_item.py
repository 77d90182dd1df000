import frappe
from frappe.tests.utils import FrappeTestCase, change_settings


class TestLendingItem(FrappeTestCase):
    def setUp(self):
        self.item = frappe.get_doc(
            doctype="Lending Item", title="Test Item", shelf="_Test Shelf", copies=2
        ).insert()

    def tearDown(self):
        self.item.delete()

    def test_records_of_links_are_made(self):
        self.assertTrue(frappe.db.exists("Lending Shelf", "_Test Shelf"))
        self.assertTrue(frappe.flags.in_test)

    def test_copies_are_reserved(self):
        self.assertEqual(self.item.reserve(1), 1)
        with self.assertRaises(frappe.ValidationError):
            self.item.reserve(3)

    def test_settings_are_changed_for_a_while(self):
        with change_settings("Lending Settings", {"days": 3}):
            self.assertEqual(frappe.db.get_single_value("Lending Settings", "days"), 3)
        self.assertEqual(frappe.db.get_single_value("Lending Settings", "days"), 14)

    def test_somebody_else_acts(self):
        with self.set_user("Guest"):
            self.assertEqual(frappe.session.user, "Guest")
        self.assertEqual(frappe.session.user, "Administrator")
