"""No DocType, module or report of ours has a name that Frappe, ERPNext, HRMS or Marley uses."""

import json
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "apps" / "medaffairs"

FRAPPE = """Access Log,Activity Log,Address,Address Template,Amended Document Naming Settings,Assignment Rule,Audit Trail,
Auto Email Report,Auto Repeat,Block Module,Blog Category,Blog Post,Blogger,Bulk Update,Calendar View,Client Script,Comment,
Communication,Connected App,Console Log,Contact,Country,Currency,Custom DocPerm,Custom Field,Custom HTML Block,Custom Role,
Customize Form,Dashboard,Dashboard Chart,Dashboard Chart Source,Data Export,Data Import,Data Import Log,Defaultvalue,Deleted Document,
Desktop Icon,DocField,DocPerm,DocShare,DocType,DocType Action,DocType Link,DocType State,Document Follow,Document Naming Rule,
Document Naming Settings,Document Share Key,Domain,Domain Settings,Dynamic Link,Email Account,Email Domain,Email Group,Email Queue,
Email Rule,Email Template,Energy Point Log,Energy Point Rule,Error Log,Event,Event Participants,File,Form Tour,Gender,Global Search Settings,
Google Calendar,Google Contacts,Google Drive,Google Settings,Has Domain,Has Role,Help Article,Help Category,Installed Application,
Integration Request,Kanban Board,LDAP Settings,Language,Letter Head,List Filter,List View Settings,Log Settings,Logs To Clear,Milestone,
Module Def,Module Onboarding,Module Profile,Navbar Settings,Network Printer Settings,Newsletter,Note,Notification,Notification Log,
Notification Settings,Number Card,OAuth Client,OTP,Onboarding Step,Package,Page,Patch Log,Permission Inspector,Portal Settings,
Prepared Report,Print Format,Print Heading,Print Settings,Print Style,Property Setter,Push Notification Settings,RQ Job,RQ Worker,
Recorder,Reminder,Report,Review Level,Role,Role Permission for Page and Report,Role Profile,Route History,S3 Backup Settings,
SMS Log,SMS Settings,Salutation,Scheduled Job Log,Scheduled Job Type,Server Script,Session Default,Slack Webhook URL,Social Login Key,
Submission Queue,Success Action,System Console,System Settings,Tag,Tag Link,ToDo,Token Cache,Top Bar Item,Transaction Log,Translation,
Unhandled Email,User,User Document Type,User Email,User Group,User Permission,User Type,Version,View Log,Web Form,Web Page,Web Template,
Webhook,Webhook Request Log,Website Settings,Website Theme,Workflow,Workflow Action,Workflow Action Master,Workflow Document State,
Workflow State,Workflow Transition,Workspace"""
ERPNEXT = """Account,Accounts Settings,Activity Cost,Activity Type,Appointment,Appointment Booking Settings,Asset,Asset Category,
Asset Maintenance,Asset Movement,Asset Repair,Bank,Bank Account,Batch,Bin,BOM,Branch,Brand,Budget,Campaign,Company,Contract,
Cost Center,Customer,Customer Group,Delivery Note,Delivery Trip,Department,Designation,Dispute,Driver,Employee,Employee Education,
Employee Group,Fiscal Year,Finance Book,GL Entry,Holiday,Holiday List,Incoterm,Industry Type,Issue,Issue Priority,Issue Type,Item,
Item Group,Item Price,Job Card,Journal Entry,Lead,Loan,Location,Maintenance Schedule,Maintenance Visit,Manufacturer,Material Request,
Mode of Payment,Non Conformance,Operation,Opportunity,Party Type,Payment Entry,Payment Request,POS Profile,Price List,Pricing Rule,
Production Plan,Project,Project Template,Project Type,Purchase Invoice,Purchase Order,Quality Action,Quality Feedback,
Quality Goal,Quality Inspection,Quality Meeting,Quality Procedure,Quality Review,Quotation,Routing,Sales Invoice,Sales Order,
Sales Partner,Serial No,Service Level Agreement,Shareholder,Stock Entry,Stock Settings,Subscription,Supplier,Task,Tax Category,
Terms and Conditions,Territory,Timesheet,UOM,Vehicle,Warehouse,Warranty Claim,Work Order,Workstation"""
HRMS = """Additional Salary,Appointment Letter,Appraisal,Appraisal Cycle,Appraisal Template,Attendance,Attendance Request,
Compensatory Leave Request,Daily Work Summary,Employee Advance,Employee Checkin,Employee Grievance,Employee Onboarding,
Employee Performance Feedback,Employee Promotion,Employee Referral,Employee Separation,Employee Skill Map,Employee Transfer,
Exit Interview,Expected Skill Set,Expense Claim,Full and Final Statement,Goal,Gratuity,Grievance Type,Income Tax Slab,Interview,
Interview Feedback,Interview Round,Job Applicant,Job Offer,Job Opening,Job Requisition,KRA,Leave Allocation,Leave Application,
Leave Block List,Leave Encashment,Leave Period,Leave Policy,Leave Type,Offer Term,Overtime Slip,Payroll Entry,Payroll Period,
Purpose of Travel,Retention Bonus,Salary Component,Salary Slip,Salary Structure,Shift Assignment,Shift Request,Shift Type,Skill,
Staffing Plan,Training Event,Training Feedback,Training Program,Training Result,Travel Request,Vehicle Log"""
MARLEY = """ABDM Settings,Allergy,Antibiotic,Appointment Type,Body Part,Clinical Note,Clinical Procedure,Clinical Procedure Item,
Clinical Procedure Template,Code System,Code Value,Complaint,Diagnosis,Diagnostic Report,Discharge Summary,Dosage Form,
Dosage Strength,Drug Prescription,Exercise,Exercise Type,Fee Validity,Healthcare Activity,Healthcare Insurance,Healthcare Practitioner,
Healthcare Service Unit,Healthcare Service Unit Type,Healthcare Settings,Inpatient Medication Entry,Inpatient Medication Order,
Inpatient Occupancy,Inpatient Record,Lab Prescription,Lab Test,Lab Test Sample,Lab Test Template,Lab Test UOM,Medical Code,
Medical Code Standard,Medical Department,Medication,Medication Class,Medication Request,Normal Test Result,Nursing Task,
Nursing Checklist Template,Observation,Observation Template,Organism,Patient,Patient Appointment,Patient Assessment,
Patient Care Type,Patient Encounter,Patient History Settings,Patient Medical Record,Patient Relation,Practitioner Schedule,
Practitioner Service Unit Schedule,Prescription Dosage,Prescription Duration,Sample Collection,Sensitivity,Service Request,
Specimen,Therapy Plan,Therapy Session,Therapy Type,Treatment Counselling,Treatment Plan Template,Vital Signs"""
MODULES = """Core,Custom,Desk,Email,Geo,Integrations,Printing,Contacts,Automation,Website,Workflow,Social,Data Migration,Event Streaming,
Accounts,CRM,Buying,Projects,Selling,Setup,Manufacturing,Stock,Support,Utilities,Assets,Portal,Maintenance,Regional,Quality Management,
Communication,Telephony,Bulk Transaction,Subcontracting,EDI,HR,Payroll,Healthcare"""


def words(text: str) -> set[str]:
    return {word.strip() for word in text.replace("\n", "").split(",")}


def named(folder: str) -> list[str]:
    paths = sorted(APP.glob(f"*/{folder}/*/*.json"))
    return [json.loads(path.read_text(encoding="utf-8"))["name"] for path in paths]


@pytest.mark.parametrize("host", [FRAPPE, ERPNEXT, HRMS, MARLEY], ids=["frappe", "erpnext", "hrms", "marley"])
def test_doctypes_have_names_of_their_own(host):
    taken = words(host)
    assert not taken & set(named("doctype"))


def test_modules_have_names_of_their_own():
    ours = set((APP / "modules.txt").read_text(encoding="utf-8").split("\n")) - {""}
    assert not words(MODULES) & ours


def test_each_doctype_lies_in_the_folder_of_its_name():
    for path in APP.glob("*/doctype/*/*.json"):
        meta = json.loads(path.read_text(encoding="utf-8"))
        folder = meta["name"].lower().replace(" ", "_")
        assert path.parent.name == path.stem == folder
        assert path.parents[2].name == meta["module"].lower().replace(" ", "_")


def test_every_listed_doctype_tracks_changes_and_says_what_it_shows():
    lacking = []
    for path in APP.glob("*/doctype/*/*.json"):
        meta = json.loads(path.read_text(encoding="utf-8"))
        if meta.get("istable") or meta.get("issingle"):
            continue
        if not any(field.get("in_list_view") for field in meta["fields"]):
            lacking.append(f"{meta['name']}: list columns")
        if not meta.get("title_field") or not meta.get("search_fields"):
            lacking.append(f"{meta['name']}: title or search fields")
        append_only = meta.get("in_create")
        if not meta.get("track_changes") and not append_only:
            lacking.append(f"{meta['name']}: track changes")
    assert not lacking
