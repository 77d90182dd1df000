"""Terms that apps import from here."""

from frappe.query_builder import ConstantColumn
from frappe.query_builder.functions import GroupConcat, Month, Quarter, Year

GROUP_CONCAT = GroupConcat
__all__ = ["GROUP_CONCAT", "ConstantColumn", "GroupConcat", "Month", "Quarter", "Year"]
