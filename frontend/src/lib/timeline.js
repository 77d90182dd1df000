/** What happened to a record, in the order it happened, in words. */
import { plain } from './http'

const parse = (text) => {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}

/** States and choices are kept in English. */
const shown = (value) =>
  value === null || value === undefined || value === '' ? '—' : __(plain(String(value)))

/**
 * Sentences for one version: field, before, after; rows added, removed, changed.
 * @param {object} data the version's own record of changes
 * @param {(fieldname: string) => string} label
 */
export function changesOf(data, label) {
  const sentences = (data.changed ?? []).map(([fieldname, before, after]) => ({
    label: label(fieldname),
    before: shown(before),
    after: shown(after),
  }))
  for (const [table] of data.added ?? []) sentences.push({ label: label(table), text: __('row added') })
  for (const [table] of data.removed ?? []) sentences.push({ label: label(table), text: __('row removed') })
  for (const [table, index, , cells] of data.row_changed ?? []) {
    for (const [fieldname, before, after] of cells ?? []) {
      sentences.push({
        label: `${label(table)} ${Number(index) + 1} · ${label(fieldname)}`,
        before: shown(before),
        after: shown(after),
      })
    }
  }
  return sentences
}

/** What an opinion says already. */
const withoutState = (data) => ({
  ...data,
  changed: data.changed?.filter(([fieldname]) => fieldname !== 'workflow_state'),
})

/**
 * Entries of the time line, newest first.
 * @param {object} docinfo what the server tells about a record
 * @param {object} doc
 * @param {(fieldname: string) => string} label
 * @param {object[]} opinions steps that were taken, each with what was said
 */
export function timeline(docinfo, doc, label, opinions = []) {
  const entries = opinions.map((row) => ({
    kind: 'step',
    at: row.decided_at,
    by: row.actor,
    byName: row.actor_name,
    title: __(row.action, null, doc.doctype),
    state: row.next_state,
    text: row.opinion,
  }))
  for (const version of docinfo.versions ?? []) {
    const data = parse(version.data)
    const changes = changesOf(opinions.length ? withoutState(data) : data, label)
    if (changes.length) entries.push({ kind: 'change', at: version.creation, by: version.owner, changes })
  }
  for (const comment of docinfo.comments ?? [])
    entries.push({
      kind: 'comment',
      at: comment.creation,
      by: comment.owner,
      text: plain(comment.content),
      name: comment.name,
    })
  const logs = [
    'assignment_logs',
    'attachment_logs',
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
