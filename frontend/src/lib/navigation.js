/** What the side bar and the phone's bottom bar offer: fixed pages first, then the workspaces of this user. */
import { ref } from 'vue'
import { boot, hasRole } from './boot'
import { read } from './http'

const MANAGERS = ['Medical Affairs Manager', 'Medical Affairs Officer', 'System Manager']

/** Everybody who works in the hospital may report an event. */
const REPORTERS = [
  'Medical Affairs Manager',
  'Medical Affairs Officer',
  'Department Head',
  'Party Branch Secretary',
  'Team Leader',
  'Practitioner',
  'Nurse',
  'Functional Department',
  'Committee Member',
  'Hospital Leader',
  'Complaint Officer',
  'Inspector',
  'Exam Administrator',
  'Radiation Safety Officer',
]

/** Whether this person works in the hospital, and so may report an event. */
export const mayReport = () => hasRole(...REPORTERS)

/** Pages that are not made from metadata, and who sees them. */
export function fixedPages() {
  const pages = [{ label: 'Workbench', icon: 'home', to: { name: 'Workbench' } }]
  if (mayReport()) {
    pages.push({ label: 'Report an event', icon: 'alert-circle', to: { name: 'ReportEvent' } })
    pages.push({ label: 'My reports', icon: 'inbox', to: { name: 'MyEvents' } })
  }
  if (boot.practitioner)
    pages.push({ label: 'Apply for privileges', icon: 'file-plus', to: { name: 'Apply' } })
  if (hasRole('Integration', ...MANAGERS)) {
    pages.push({ label: 'Gate and HL7', icon: 'activity', to: { name: 'Integration' } })
  }
  pages.push({ label: 'Boards', icon: 'grid', to: { name: 'Boards' } })
  if (hasRole('System Manager'))
    pages.push({ label: 'Administration', icon: 'settings', to: { name: 'Admin' } })
  if (hasRole('Auditor')) pages.push({ label: 'Audit log', icon: 'shield', to: { name: 'Audit' } })
  return pages
}

/** Records that have a page of their own beside the general form. */
const PAGES = {
  'Privilege Application': 'Application',
  Ballot: 'Ballot',
  Practitioner: 'Practitioner',
  'Catalogue Import': 'CatalogueImport',
  'Privilege Reevaluation': 'Reevaluation',
  'Form Response': 'FormResponse',
  'Form Template': 'FormTemplate',
  'Adverse Event Report': 'Event',
  'Data Import': 'Import',
  'Print Format': 'PrintFormat',
}
const BEGINNINGS = {
  'Privilege Application': 'Apply',
  'Catalogue Import': 'CatalogueImport',
  'Privilege Reevaluation': 'Reevaluation',
  'Form Template': 'FormTemplate',
  'Adverse Event Report': 'ReportEvent',
  'Data Import': 'Import',
  'Print Format': 'PrintFormat',
}

/** The kind of record that a page of its own shows. */
export const kindOfPage = (page) => Object.keys(PAGES).find((doctype) => PAGES[doctype] === page)

/** Where a record opens. */
export function recordRoute(doctype, name) {
  const page = PAGES[doctype]
  return page
    ? { name: page, params: { name: String(name) } }
    : { name: 'Form', params: { doctype, name: String(name) } }
}

/** Where a new record begins. */
export const newRoute = (doctype) =>
  BEGINNINGS[doctype] ? { name: BEGINNINGS[doctype] } : { name: 'New', params: { doctype } }

export const workspaces = ref([])

/** The framework's icons of workspaces by the names that this face has for them, none of them a fixed page's. */
const ICONS = {
  organization: 'users',
  shield: 'award',
  'check-square': 'check-square',
  activity: 'clipboard',
  'share-2': 'share-2',
  lock: 'lock',
  'alert-triangle': 'alert-triangle',
  'alert-octagon': 'alert-octagon',
  'refresh-cw': 'refresh-cw',
  'message-square': 'message-square',
  'message-circle': 'message-circle',
}
export const workspaceIcon = (page) => ICONS[page.icon] ?? 'folder'

/** Whether a workspace is for this face: ours, or one that the hospital made; the host's own are for its desk. */
export const isShown = (page) =>
  Boolean(page.public) && !page.is_hidden && (!page.module || boot.modules.includes(page.module))

/** Loads the workspaces that this user may open. */
export async function loadWorkspaces() {
  const answer = await read('frappe.desk.desktop.get_workspace_sidebar_items')
  workspaces.value = (answer.pages ?? []).filter(isShown)
}
