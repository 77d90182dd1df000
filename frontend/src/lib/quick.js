/** Making a record in passing: which fields are asked, and who may. */
import { boot } from './boot'
import { toWire } from './form'
import { write } from './http'
import { getMeta } from './meta'
import { newRoute } from './navigation'

const LAYOUT = ['Section Break', 'Column Break', 'Tab Break', 'HTML', 'Button', 'Heading', 'Fold', 'Image']

/** Fields of the small form: those that must be filled or are meant for it; rows of a table need the whole form. */
export const quickFields = (meta) =>
  meta.fields.filter(
    (field) =>
      !LAYOUT.includes(field.fieldtype) &&
      field.fieldtype !== 'Table' &&
      !Number(field.hidden) &&
      !Number(field.read_only) &&
      !field.fetch_from &&
      (Number(field.reqd) || Number(field.allow_in_quick_entry) || field.mandatory_depends_on),
  )

/** A record that cannot do without rows, has a way of its own to begin, or is one of a kind, is not made in passing. */
export function canBeQuick(meta, roles = boot.roles) {
  if (Number(meta.issingle) || Number(meta.istable) || Number(meta.in_create)) return false
  if (newRoute(meta.name).name !== 'New') return false
  if (meta.fields.some((field) => field.fieldtype === 'Table' && Number(field.reqd))) return false
  return (meta.permissions ?? []).some(
    (rule) =>
      !Number(rule.permlevel) && Number(rule.create) && (roles.includes(rule.role) || rule.role === 'All'),
  )
}

/** What somebody typed while searching is the new record's title. */
export function startingValues(meta, text) {
  const title = meta.fields.find((field) => field.fieldname === meta.title_field)
  return text && title && ['Data', 'Small Text'].includes(title.fieldtype) ? { [title.fieldname]: text } : {}
}

export const mayCreate = async (doctype) => canBeQuick((await getMeta(doctype)).meta)

/** @returns {Promise<object>} the record as it was saved */
export const insert = (doc) => write('frappe.client.insert', { doc: JSON.parse(toWire({ ...doc })) })
