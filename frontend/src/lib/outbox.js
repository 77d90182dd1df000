/**
 * Records saved while there was no network: they wait on this device and are sent, in their order, when there is one.
 * A record that somebody else changed meanwhile, or that the server refuses, waits for its author: the form shows both.
 */
import { reactive } from 'vue'
import { boot } from './boot'
import { dropDraft, keepDraft } from './draft'
import { toWire } from './form'
import { writeAll } from './http'
import { recordRoute } from './navigation'

const key = () => `outbox:${boot.user}`

function kept() {
  try {
    const rows = JSON.parse(localStorage.getItem(key()))
    return Array.isArray(rows) ? rows : []
  } catch {
    return []
  }
}

/** @type {{rows: {id: string, at: number, title: string, doc: object, base: object | null, problem: string}[], busy: boolean}} */
export const outbox = reactive({ rows: kept(), busy: false })

function store() {
  localStorage.setItem(key(), JSON.stringify(outbox.rows))
}

const identity = (doc) => `${doc.doctype}:${doc.name}`

/**
 * Puts a record into the queue, in the place of an older state of the same record.
 * @param {object} base the record as it was before it was changed, to tell both changes apart later
 */
export function enqueue(doc, title, base = null) {
  const row = { id: identity(doc), at: Date.now(), title: String(title || doc.name), doc, base, problem: '' }
  outbox.rows = [...outbox.rows.filter((entry) => entry.id !== row.id), row]
  store()
}

export function discard(id) {
  outbox.rows = outbox.rows.filter((row) => row.id !== id)
  store()
}

/** What waits of a record, if anything. */
export const queued = (doc) => outbox.rows.find((row) => row.id === identity(doc))
export const discardQueued = (doc) => discard(identity(doc))

/** Nothing reached the server, so that sending later is the same as sending now. */
export const isOffline = (problem) => problem.retryable && !problem.status

async function sendOne(row) {
  const body = await writeAll('frappe.desk.form.save.savedocs', { doc: toWire(row.doc), action: 'Save' })
  dropDraft(boot.user, row.doc.doctype, row.doc.__islocal ? 'new' : row.doc.name)
  return body.docs?.[0] ?? row.doc
}

/**
 * Sends what waits, one after the other; stops where the network ends again.
 * @param {{sent?: (row: object, doc: object, to: object) => void, refused?: (row: object, problem: Error) => void}} tell
 */
export async function flush({ sent = () => {}, refused = () => {} } = {}) {
  if (outbox.busy || !outbox.rows.length) return
  outbox.busy = true
  try {
    for (const row of outbox.rows.filter((entry) => !entry.problem)) {
      try {
        const doc = await sendOne(row)
        discard(row.id)
        sent(row, doc, recordRoute(doc.doctype, doc.name))
      } catch (problem) {
        if (isOffline(problem)) return
        keepDraft(boot.user, row.doc)
        row.problem =
          problem.type === 'TimestampMismatchError'
            ? __('Somebody else changed this record meanwhile. Open it to choose what stays.')
            : problem.message
        store()
        refused(row, problem)
      }
    }
  } finally {
    outbox.busy = false
  }
}

/** Tries a refused record once more, after its author has seen why. */
export function retry(id) {
  const row = outbox.rows.find((entry) => entry.id === id)
  if (row) row.problem = ''
  store()
}
