from frappe.utils.nestedset import NestedSet


class LendingShelf(NestedSet):
    nsm_parent_field = "parent_lending_shelf"
