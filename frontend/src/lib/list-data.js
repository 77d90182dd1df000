/** Rows of a list from the server: page after page by keyset, groups, counts, and whether something has changed. */
import { onBeforeUnmount, onMounted, ref, shallowRef } from 'vue'
import { read, write } from './http'
import { keepTitles } from './links'
import { unpack } from './list'

const API = 'medaffairs.face.listing.api'
const FIRST_PAGE = 100
const NEXT_PAGE = 300
export const LARGEST_PAGE = 500
/** Longer questions do not fit into every proxy's line. */
const LONGEST_ADDRESS = 3000
const LIVE_SECONDS = [15, 30, 60]

/** Asks a method of the list: by address while that is short, else by a body. */
export function ask(method, question) {
  const call = JSON.stringify(question).length < LONGEST_ADDRESS ? read : write
  return call(`${API}.${method}`, question)
}

/** @returns {Promise<{rows: object[], next: Array | null}>} */
export async function fetchPage(question) {
  const answer = await ask('page', question)
  keepTitles(answer.titles)
  return { rows: unpack(answer).map(Object.freeze), next: answer.next }
}

export const fetchCount = ({ doctype, where, search }) => ask('count', { doctype, where, search })

export async function fetchGroups({ doctype, where, search }, field) {
  const answer = await ask('groups', { doctype, where, search, field })
  keepTitles(answer.titles)
  return answer.values.map(([value, count]) => ({ value, count }))
}

export async function fetchFacets({ doctype, where, search }, fields) {
  const answer = await ask('facets', { doctype, where, search, fields })
  keepTitles(answer.titles)
  return answer.counts
}

export const fetchNames = ({ doctype, where, search, sort }) => ask('names', { doctype, where, search, sort })
export const fetchRights = (doctype, names) => ask('rights', { doctype, names })

/**
 * The rows of one question, endless: `more()` appends the next page, `refresh()` brings those that are shown up to
 * date without moving them. Rows are frozen and the array is replaced as a whole, so that a hundred thousand of them
 * cost no watchers.
 */
export function useRows() {
  const rows = shallowRef([])
  const next = shallowRef(null)
  const busy = ref(false)
  const error = shallowRef('')
  let question = null
  let asked = 0

  async function get(more) {
    const mine = ++asked
    busy.value = true
    error.value = ''
    try {
      const page = await fetchPage({ ...question, ...more })
      return mine === asked ? page : null
    } catch (problem) {
      if (mine === asked) error.value = problem
      return null
    } finally {
      if (mine === asked) busy.value = false
    }
  }

  async function load(asking) {
    question = asking
    const page = await get({ limit: FIRST_PAGE })
    if (!page) return false
    rows.value = page.rows
    next.value = page.next
    return true
  }

  /** Rows that were read before. */
  function show(known, following, asking) {
    question = asking
    rows.value = known
    next.value = following
  }

  async function more() {
    if (busy.value || !next.value) return
    const page = await get({ limit: NEXT_PAGE, after: next.value })
    if (!page) return
    rows.value = rows.value.concat(page.rows)
    next.value = page.next
  }

  /** @returns {Promise<boolean>} false when more rows are shown than one question can bring */
  async function refresh() {
    if (busy.value || !question) return true
    if (rows.value.length > LARGEST_PAGE) return false
    const page = await get({ limit: Math.max(rows.value.length, FIRST_PAGE) })
    if (!page) return true
    rows.value = page.rows
    next.value = page.next
    return true
  }

  function patch(name, values) {
    rows.value = rows.value.map((row) => (row.name === name ? Object.freeze({ ...row, ...values }) : row))
  }

  const drop = (names) => {
    const gone = new Set(names)
    rows.value = rows.value.filter((row) => !gone.has(row.name))
  }

  const put = (row) => (rows.value = [row, ...rows.value])

  return { rows, next, busy, error, load, show, more, refresh, patch, drop, put }
}

/**
 * Asks now and then whether the rows have changed, and only while somebody looks: often at first, seldom when
 * nothing happens. The mark is a few bytes and one statement on the server, and works on every host.
 * @param {() => {doctype: string, where: any, search: string} | null} question
 * @param {() => void} changed
 */
export function useLive(question, changed) {
  let mark = null
  let timer = null
  let quiet = 0

  const stop = () => clearTimeout(timer)
  function wait() {
    stop()
    timer = setTimeout(look, LIVE_SECONDS[Math.min(quiet >> 2, LIVE_SECONDS.length - 1)] * 1000)
  }

  async function look() {
    stop()
    const asking = question()
    if (document.hidden || !asking) return
    const found = await ask('probe', asking).catch(() => null)
    if (found && mark && found !== mark) {
      quiet = 0
      changed()
    } else quiet++
    mark = found ?? mark
    wait()
  }

  /** After the page has read the rows itself: what is there now is the measure. */
  async function reset() {
    stop()
    mark = null
    quiet = 0
    const asking = question()
    if (asking) mark = await ask('probe', asking).catch(() => null)
    wait()
  }

  const seen = () => (document.hidden ? stop() : look())
  onMounted(() => document.addEventListener('visibilitychange', seen))
  onBeforeUnmount(() => {
    stop()
    document.removeEventListener('visibilitychange', seen)
  })
  return { reset, look }
}

/** Group heads with their rows below them, in one flat list for the window of rows. */
export function flatten(groups, opened) {
  return groups.flatMap((group) => {
    const open = opened.get(groupKey(group.value))
    const head = Object.freeze({
      ...group,
      group: true,
      open: Boolean(open),
      name: `group:${groupKey(group.value)}`,
    })
    if (!open) return [head]
    const tail =
      open.next || open.busy
        ? [Object.freeze({ more: true, value: group.value, name: `${head.name}:more` })]
        : []
    return [head, ...open.rows, ...tail]
  })
}
export const groupKey = (value) => String(value ?? '')
