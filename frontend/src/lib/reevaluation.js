/** The yearly re-evaluation: lists with evidence, decisions row by row, and putting them into force. */
import { read, write } from './http'

const API = 'medaffairs.privileging.reevaluation.api'
export const DECISIONS = ['Continue', 'Suspend', 'Revoke']

export const generate = (values) => write(`${API}.generate`, values)
export const sheet = (name) => read(`${API}.sheet`, { name })
export const decide = (name, items) => write(`${API}.decide`, { name, items })
export const acceptProposals = (name) => write(`${API}.accept_proposals`, { name })
export const complete = (name) => write(`${API}.complete`, { name })

/** Rows that need a look: those whose evidence proposes anything but going on, or that a text finds. */
export function chosenRows(items, { text = '', only = '' }) {
  const wanted = text.trim().toLowerCase()
  return items.filter(
    (row) =>
      (!only || (only === 'open' ? !row.decision : row.proposal === only)) &&
      (!wanted ||
        `${row.practitioner_name} ${row.item_name} ${row.practitioner}`.toLowerCase().includes(wanted)),
  )
}

/** Rows by person, in the order of the list. */
export function byPerson(items) {
  const groups = new Map()
  for (const row of items) {
    if (!groups.has(row.practitioner)) groups.set(row.practitioner, { name: row.practitioner_name, rows: [] })
    groups.get(row.practitioner).rows.push(row)
  }
  return [...groups.values()]
}
