import frappe
from frappe import _
from frappe.query_builder.functions import Count, Sum


def execute(filters=None):
    columns = [
        {
            "fieldname": "member",
            "label": _("Member"),
            "fieldtype": "Link",
            "options": "Lending Member",
            "width": 200,
        },
        {"fieldname": "loans", "label": _("Loans"), "fieldtype": "Int", "width": 100},
        {"fieldname": "fine", "label": _("Fine"), "fieldtype": "Currency", "width": 100},
    ]
    loan = frappe.qb.DocType("Lending Loan")
    query = (
        frappe.qb.from_(loan)
        .select(loan.member, Count("*").as_("loans"), Sum(loan.fine).as_("fine"))
        .where(loan.docstatus == 1)
        .groupby(loan.member)
        .orderby(loan.member)
    )
    if filters and filters.get("member"):
        query = query.where(loan.member == filters["member"])
    rows = query.run(as_dict=True)
    chart = {
        "data": {
            "labels": [row.member for row in rows],
            "datasets": [{"values": [row.loans for row in rows]}],
        }
    }
    summary = [{"label": _("Loans"), "value": sum(row.loans for row in rows), "datatype": "Int"}]
    return columns, rows, None, chart, summary
