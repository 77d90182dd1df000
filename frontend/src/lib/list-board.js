/** Boards: a column per state or choice. Moving a card is a step of the workflow or a change of the field. */
import { ENGINE_DOCTYPES } from './record'
import { HANDLED, stepsOf } from './handling'
import { read, write } from './http'
import { categories } from './list'
import { editableFields } from './list-edit'

const MOST_COLUMNS = 30

/** Fields that can make a board: the workflow's state first, then choices. */
export function boardFields(meta, workflow = null) {
  const state = workflow?.workflow_state_field
  const fields = categories(meta, workflow).filter(
    (field) => field.fieldtype === 'Select' || field.fieldname === state,
  )
  return fields.sort((a, b) => Number(b.fieldname === state) - Number(a.fieldname === state))
}

/**
 * The columns of a board in the order of the workflow or of the choices; values that only records have come last.
 * @param {object} field
 * @param {{value: any, count: number}[]} counts
 */
export function boardColumns(field, counts) {
  const known = String(field.options ?? '')
    .split('\n')
    .filter(Boolean)
  const count = new Map(counts.map((entry) => [String(entry.value ?? ''), entry.count]))
  const others = [...count.keys()].filter((value) => !known.includes(value))
  return [...known, ...others]
    .slice(0, MOST_COLUMNS)
    .map((value) => ({ value, count: count.get(value) ?? 0 }))
}

/** How a board's cards move: by steps, by the field, or not at all. */
export function movesBy(field, meta, workflow = null) {
  if (field.fieldname === workflow?.workflow_state_field) return 'steps'
  if (meta.name in HANDLED && ['status', 'workflow_state'].includes(field.fieldname)) return 'steps'
  return editableFields(meta, workflow).some((entry) => entry.fieldname === field.fieldname) ? 'field' : ''
}

/** Where each of a workflow's actions leads from a state. */
const targets = (workflow, state, action) =>
  workflow.transitions
    .filter((row) => row.state === state && row.action === action)
    .map((row) => row.next_state)

/**
 * Steps that this person may take with a record now: where each leads, and the small form that takes it, so that a
 * card that was dropped by mistake has done nothing yet.
 * @returns {Promise<{action: string, next: string, form: object}[]>}
 */
export async function stepsFrom(meta, workflow, name) {
  const doctype = meta.name
  const doc = await read('frappe.client.get', { doctype, name })
  if (doctype in HANDLED) {
    const state = doc[workflow?.workflow_state_field ?? 'workflow_state']
    const [names, forms] = await Promise.all([HANDLED[doctype].steps(doc), stepsOf(doc)])
    return names.flatMap((action, index) =>
      (workflow ? targets(workflow, state, action) : []).map((next) => ({
        action,
        next,
        form: forms[index],
      })),
    )
  }
  const engine = ENGINE_DOCTYPES.includes(doctype)
  const steps = engine
    ? await read('medaffairs.approval.api.actions', { doctype, name })
    : await write('frappe.model.workflow.get_transitions', { doc })
  const take = (action) => (given) =>
    engine
      ? write('medaffairs.approval.api.act', { doctype, name, action, ...given })
      : write('frappe.model.workflow.apply_workflow', { doc, action })
  return (steps ?? []).map((step) => ({
    action: step.action,
    next: step.next_state,
    form: {
      title: __(step.action),
      text: '',
      fields: engine ? [{ fieldname: 'opinion', label: 'Opinion', fieldtype: 'Small Text' }] : [],
      done: __('{0}: done', [__(step.action)]),
      run: take(step.action),
    },
  }))
}
