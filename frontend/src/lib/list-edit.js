/** Which cells of a list can be changed in place: by the field, the person's level, the record's state. Pure. */
import { hasRole } from './boot'
import { isClosed } from './handling'

const TYPED = [
  'Data',
  'Small Text',
  'Text',
  'Select',
  'Link',
  'Check',
  'Int',
  'Long Int',
  'Float',
  'Currency',
  'Percent',
  'Date',
  'Datetime',
  'Time',
  'Rating',
  'Duration',
  'Phone',
  'Color',
]

function mayWriteLevel(meta, level) {
  return (meta.permissions ?? []).some(
    (rule) =>
      Number(rule.permlevel || 0) === Number(level || 0) &&
      Number(rule.write) &&
      (hasRole(rule.role) || rule.role === 'All'),
  )
}

/** Fields that a form, and so a list, lets this person change in a draft; conditions of the record come on top. */
export function editableFields(meta, workflow = null) {
  const state = workflow?.workflow_state_field
  return (meta.fields ?? []).filter(
    (field) =>
      TYPED.includes(field.fieldtype) &&
      !Number(field.read_only) &&
      !Number(field.hidden) &&
      !Number(field.set_only_once) &&
      !Number(field.is_virtual) &&
      !field.fetch_from &&
      field.fieldname !== state &&
      mayWriteLevel(meta, field.permlevel),
  )
}

/** Whether a state of the workflow leaves its records to this person. */
export function isOpenState(workflow, row) {
  const field = workflow?.workflow_state_field
  if (!field || row[field] === undefined) return true
  const keepers = workflow.states
    .filter((entry) => entry.state === row[field] && entry.allow_edit)
    .map((entry) => entry.allow_edit)
  return !keepers.length || keepers.includes('All') || keepers.some((role) => hasRole(role))
}

/**
 * Whether the cell of a row can be changed in place.
 * @param {object} field
 * @param {{meta: object, workflow: object | null, editable: Set<string>}} list
 */
export function isEditable(field, row, { meta, workflow, editable }) {
  if (!editable.has(field.fieldname) || isClosed({ ...row, doctype: meta.name })) return false
  if (Number(row.docstatus) === 2 || (Number(row.docstatus) === 1 && !Number(field.allow_on_submit)))
    return false
  return isOpenState(workflow, row)
}
