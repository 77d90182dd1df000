/** What happened to a record, in the order it happened, in words. */
import { display } from './format'
import { plain } from './http'
import { worthMarking } from './worddiff'

const parse = (text) => {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}

/** States and choices are kept in English; links and texts are what they are. */
function shown(value, field) {
  if (value === null || value === undefined || value === '') return '—'
  const text = plain(String(value))
  if (
    ['Check', 'Date', 'Datetime', 'Time', 'Percent', 'Currency', 'Duration', 'Rating'].includes(
      field?.fieldtype,
    )
  )
    return display(text, field)
  if (['Link', 'Dynamic Link'].includes(field?.fieldtype) && field.options !== 'Workflow State') return text
  return __(text, null, field?.parent)
}

/** A row that was added or removed, by the values that name it. */
function rowWords(row, fieldsOf) {
  const values = Object.entries(row ?? {})
    .map(([fieldname, value]) => [fieldsOf(fieldname), value])
    .filter(
      ([field, value]) => field && Number(field.in_list_view) && ![null, undefined, '', 0].includes(value),
    )
    .slice(0, 3)
    .map(([field, value]) => shown(value, field))
  return values.length ? `（${values.join('，')}）` : ''
}

/**
 * Sentences for one version: field, before, after, for long texts the words that differ; rows added, removed, changed.
 * @param {object} data the version's own record of changes
 * @param {(fieldname: string, table?: string) => string} label
 * @param {(fieldname: string, table?: string) => object | undefined} fieldOf metadata of a field, of a table's rows too
 */
export function changesOf(data, label, fieldOf = () => undefined) {
  const sentence = (text, field, before, after) => {
    const [old, fresh] = [shown(before, field), shown(after, field)]
    return { label: text, before: old, after: fresh, words: worthMarking(old, fresh) ?? undefined }
  }
  const sentences = (data.changed ?? []).map(([fieldname, before, after]) =>
    sentence(label(fieldname), fieldOf(fieldname), before, after),
  )
  const rows = (list, text) => {
    for (const [table, row] of list ?? [])
      sentences.push({ label: label(table), text: text + rowWords(row, (name) => fieldOf(name, table)) })
  }
  rows(data.added, __('row added'))
  rows(data.removed, __('row removed'))
  for (const [table, index, , cells] of data.row_changed ?? []) {
    for (const [fieldname, before, after] of cells ?? []) {
      const text = `${label(table)} ${Number(index) + 1} · ${label(fieldname, table)}`
      sentences.push(sentence(text, fieldOf(fieldname, table), before, after))
    }
  }
  return sentences.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined)),
  )
}

/** What an opinion says already. */
const withoutState = (data) => ({
  ...data,
  changed: data.changed?.filter(([fieldname]) => fieldname !== 'workflow_state'),
})

const stepOf = (row, doctype) => ({
  kind: 'step',
  at: row.decided_at,
  by: row.actor,
  byName: row.actor_name,
  title: __(row.action, null, doctype),
  state: row.next_state,
  text: row.opinion,
})

const mailOf = (row) => ({
  kind: 'mail',
  at: row.communication_date || row.creation,
  by: row.owner,
  byName: row.sender_full_name || row.sender,
  title: row.subject,
  to: row.recipients,
  text: plain(row.content),
  received: row.sent_or_received === 'Received',
})

/** Prints of one person on one day are one line. */
function printsOf(rows = []) {
  const days = new Map()
  for (const row of rows) {
    const key = `${row.user} ${String(row.timestamp).slice(0, 10)}`
    if (!days.has(key))
      days.set(key, { kind: 'print', at: row.timestamp, by: row.user, byName: row.full_name, times: 0 })
    days.get(key).times++
  }
  return [...days.values()].map((entry) => ({
    ...entry,
    text: entry.times > 1 ? __('printed this {0} times', [entry.times]) : __('printed this'),
  }))
}

/**
 * Entries of the time line, newest first.
 * @param {object} docinfo what the server tells about a record
 * @param {object} doc
 * @param {(fieldname: string, table?: string) => string} label
 * @param {object[]} opinions steps that were taken, each with what was said
 * @param {{fieldOf?: Function, mails?: object[], prints?: object[]}} beside
 */
export function timeline(docinfo, doc, label, opinions = [], { fieldOf, mails = [], prints = [] } = {}) {
  const entries = [
    ...opinions.map((row) => stepOf(row, doc.doctype)),
    ...mails.map(mailOf),
    ...printsOf(prints),
  ]
  for (const version of docinfo.versions ?? []) {
    const data = parse(version.data)
    const changes = changesOf(opinions.length ? withoutState(data) : data, label, fieldOf)
    if (changes.length) entries.push({ kind: 'change', at: version.creation, by: version.owner, changes })
  }
  for (const comment of docinfo.comments ?? [])
    entries.push({
      kind: 'comment',
      at: comment.creation,
      by: comment.owner,
      html: comment.content,
      text: plain(comment.content),
      name: comment.name,
    })
  const logs = [
    'assignment_logs',
    'attachment_logs',
    'share_logs',
    'info_logs',
    ...(opinions.length ? [] : ['workflow_logs']),
  ]
  for (const list of logs) {
    for (const log of docinfo[list] ?? [])
      entries.push({ kind: 'log', at: log.creation, by: log.owner, text: plain(log.content) })
  }
  if (doc.creation)
    entries.push({ kind: 'log', at: doc.creation, by: doc.owner, text: __('created this record') })
  return entries.sort((a, b) => String(b.at).localeCompare(String(a.at)))
}

/** Which entries a person wants to see. */
export const KINDS = {
  all: () => true,
  comments: (entry) => ['comment', 'mail', 'step'].includes(entry.kind),
  changes: (entry) => entry.kind === 'change',
}
