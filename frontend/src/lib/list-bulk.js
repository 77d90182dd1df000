/**
 * Work on many rows: some at a time, with progress, a way to stop, and a way to go on after a reload. What is left
 * of a job is kept in this window's storage; doing a part twice does no harm (`face/listing/bulk.py`).
 */
import { reactive } from 'vue'
import { boot } from './boot'
import { write } from './http'

const API = 'medaffairs.face.listing.bulk'
const AT_ONCE = 20
const KEY = 'list-job'

/**
 * @typedef {{doctype: string, method: string, given: object, left: string[], total: number, done: string[],
 *   failed: Record<string, string>, before: object, said: string, undo: string}} Job
 */

const storage = () => globalThis.sessionStorage

function keep(job) {
  if (job?.left.length) storage()?.setItem(KEY, JSON.stringify({ ...job, user: boot.user }))
  else storage()?.removeItem(KEY)
}

/** The job that a reload has interrupted, if it was this person's and this list's. */
export function interrupted(doctype) {
  try {
    const job = JSON.parse(storage()?.getItem(KEY) ?? 'null')
    return job?.user === boot.user && job.doctype === doctype ? job : null
  } catch {
    return null
  }
}

export const newJob = (doctype, method, names, given, more = {}) => ({
  doctype,
  method,
  given,
  left: [...names],
  total: names.length,
  done: [],
  failed: {},
  before: {},
  seen: {},
  said: '',
  undo: '',
  ...more,
})

/** What a part of the job sends; values by name go with their names. */
export function portion(job, names) {
  const { doctype, given } = job
  if (!given.each) return { doctype, names, ...given }
  const only = (table) =>
    Object.fromEntries(names.map((name) => [name, table?.[name]]).filter(([, entry]) => entry))
  return { doctype, names, values: only(given.each), seen: only(given.seen) }
}

/** Takes the answer for some names into the job. */
export function record(job, names, answer) {
  for (const [name, outcome] of Object.entries(answer.done ?? {})) {
    job.done.push(name)
    if (outcome?.before) {
      job.before[name] = outcome.before
      job.seen[name] = outcome.modified
    }
  }
  Object.assign(job.failed, answer.failed)
  const handled = new Set(names)
  job.left = job.left.filter((name) => !handled.has(name))
  return job
}

/** What takes a finished job back, or null where nothing does. */
export function undoOf(job) {
  const { doctype, done } = job
  if (!done.length) return null
  const made = (method, given) => newJob(doctype, method, done, given, { said: '{0} undone' })
  if (job.method === 'change') return made('change', { each: job.before, seen: job.seen })
  if (job.method === 'remove') return made('bring_back', {})
  if (job.method === 'assign') return made('unassign', { users: job.given.users })
  return null
}

/** The running job: one per window. */
export function useJob(finished) {
  const state = reactive({ job: null, running: false, problem: '' })
  let stopped = false

  async function run(job) {
    Object.assign(state, { job, running: true, problem: '' })
    stopped = false
    const work = state.job
    try {
      while (work.left.length && !stopped) {
        keep(work)
        const names = work.left.slice(0, AT_ONCE)
        record(work, names, await write(`${API}.${work.method}`, portion(work, names)))
      }
      if (stopped) work.left = []
    } catch (problem) {
      state.problem = problem.message
    }
    state.running = false
    if (state.problem) return
    keep(work)
    state.job = null
    finished(work)
  }

  const stop = () => (stopped = true)
  const again = () => run(state.job)
  function drop() {
    storage()?.removeItem(KEY)
    Object.assign(state, { job: null, problem: '' })
  }
  return { state, run, stop, again, drop }
}
