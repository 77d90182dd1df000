"""Classes of the framework that this app extends."""

from frappe.desk.doctype.todo.todo import ToDo


class LendingToDo(ToDo):
    def validate(self):
        super().validate()
        if (self.description or "").startswith("return:"):
            self.priority = "High"

    def is_of_lendery(self):
        return True
