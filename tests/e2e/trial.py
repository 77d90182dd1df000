"""A kind of record with every type of field, made at run time as an administrator makes one, for tests of forms."""

from __future__ import annotations

from typing import Any

KIND, ROW, CHOICE = "Face Trial", "Face Trial Row", "Face Trial Choice"
FLOW = "Face Trial Way"


def field(
    fieldname: str, fieldtype: str, label: str | None = None, options: str | None = None, **more: Any
) -> dict:
    """A row of a DocType's table of fields."""
    label = label if label is not None else fieldtype
    return {"fieldname": fieldname, "fieldtype": fieldtype, "label": label, "options": options, **more}


FIELDS = [
    field("title", "Data", "名称", reqd=1, in_list_view=1),
    field("kind", "Select", "类别", "\n甲\n乙", in_list_view=1),
    field("reason", "Data", "原因", depends_on="eval:doc.kind=='乙'", mandatory_depends_on="eval:doc.kind=='乙'"),
    field("column_1", "Column Break", ""),
    field("department", "Link", "科室", "Clinical Department", in_list_view=1),
    field("department_name", "Data", "科室名称", fetch_from="department.department_name", read_only=1),
    field("target_type", "Link", "对象类型", "DocType"),
    field("target", "Dynamic Link", "对象", "target_type"),
    field("section_2", "Section Break", "数值"),
    field("whole", "Int", "整数"),
    field("amount", "Currency", "金额"),
    field("share", "Percent", "比例"),
    field("factor", "Float", "系数"),
    field("column_2", "Column Break", ""),
    field("day", "Date", "日期"),
    field("moment", "Datetime", "时刻"),
    field("clock", "Time", "时间"),
    field("length_of_time", "Duration", "时长"),
    field("column_3", "Column Break", ""),
    field("stars", "Rating", "评分"),
    field("colour", "Color", "颜色"),
    field("yes", "Check", "是否"),
    field("secret", "Password", "口令"),
    field("phone", "Phone", "电话"),
    field("tab_2", "Tab Break", "文本与附件"),
    field("words", "Text Editor", "富文本"),
    field("marked", "Markdown Editor", "标记文本"),
    field("column_4", "Column Break", ""),
    field("code", "Code", "代码", "Python"),
    field("data", "JSON", "数据"),
    field("place", "Geolocation", "位置"),
    field("barcode", "Barcode", "条码"),
    field("note", "Small Text", "备注"),
    field("section_4", "Section Break", "文件与签名"),
    field("file", "Attach", "附件"),
    field("picture", "Attach Image", "照片"),
    field("column_5", "Column Break", ""),
    field("signature", "Signature", "签名"),
    field("tab_3", "Tab Break", "行项目"),
    field("departments", "Table MultiSelect", "相关科室", CHOICE),
    field("rows", "Table", "明细行", ROW),
    field("state", "Link", "状态", "Workflow State", hidden=1, read_only=1, no_copy=1),
]  # fmt: skip

ROWS = [
    field("item", "Data", "项目", in_list_view=1, reqd=1),
    field("department", "Link", "科室", "Clinical Department", in_list_view=1),
    field("grade", "Select", "等级", "\n一级\n二级", in_list_view=1),
    field("quantity", "Int", "数量", in_list_view=1),
    field("day", "Date", "日期", in_list_view=1),
    field("section_1", "Section Break", "说明"),
    field("remark", "Small Text", "说明"),
]

WORKER = "Medical Affairs Manager"
ROLES = ("System Manager", "Medical Affairs Manager", "Medical Affairs Officer")
RIGHTS = dict.fromkeys(
    ("read", "write", "create", "delete", "print", "email", "share", "report", "export"), 1
)


def make(call: Any) -> None:
    """Makes the three DocTypes and a way through four states, unless they are there.

    :param call: somebody who administers, with `write` for a method
    """
    kinds = {CHOICE: ([field("department", "Link", "科室", "Clinical Department", in_list_view=1)], True),
             ROW: (ROWS, True), KIND: (FIELDS, False)}  # fmt: skip
    there = call.read("frappe.client.get_list", doctype="DocType", filters='[["name","like","Face Trial%"]]')
    known = {row["name"] for row in there}
    for name, (fields, is_table) in kinds.items():
        if name not in known:
            _insert(call, _kind(name, fields, is_table))
    if not call.read("frappe.client.get_list", doctype="Workflow", filters=f'{{"name": "{FLOW}"}}'):
        _workflow(call)


def _kind(name: str, fields: list[dict], is_table: bool) -> dict:
    rights = [] if is_table else [{"role": role, **RIGHTS} for role in ROLES]
    return {
        "doctype": "DocType", "name": name, "module": "Face", "custom": 1, "istable": int(is_table), "fields": fields,
        "permissions": rights, "track_changes": 1, "autoname": "hash",
        **({} if is_table else {"title_field": "title", "allow_rename": 1}),
    }  # fmt: skip


def _insert(call: Any, doc: dict) -> None:
    call.write("frappe.client.insert", doc=doc)


STATES = ("试验草稿", "试验初审", "试验复审", "试验办结")
STEPS = (("试验草稿", "试验提交", "试验初审"), ("试验初审", "试验通过", "试验复审"), ("试验复审", "试验办结", "试验办结"),
         ("试验初审", "退回草稿", "试验草稿"), ("试验复审", "退回草稿", "试验草稿"), ("试验复审", "退回初审", "试验初审"))  # fmt: skip


def _workflow(call: Any) -> None:
    for kind, key, names in (
        ("Workflow State", "workflow_state_name", STATES),
        ("Workflow Action Master", "workflow_action_name", dict.fromkeys(step[1] for step in STEPS)),
    ):
        known = {
            row["name"] for row in call.read("frappe.client.get_list", doctype=kind, limit_page_length=0)
        }
        for name in names:
            if name not in known:
                _insert(call, {"doctype": kind, key: name})
    _insert(call, {
        "doctype": "Workflow", "workflow_name": FLOW, "document_type": KIND, "is_active": 1, "workflow_state_field": "state",
        "states": [{"state": state, "doc_status": "0", "allow_edit": WORKER} for state in STATES],
        "transitions": [
            {"state": before, "action": action, "next_state": after, "allowed": WORKER, "allow_self_approval": 1}
            for before, action, after in STEPS
        ],
    })  # fmt: skip
