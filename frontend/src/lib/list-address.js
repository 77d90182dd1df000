/**
 * What a list shows, as its address says it: conditions, order, kind of view, columns. A link to a list is the list,
 * and the way back leads through what was seen before. Pure.
 */
import { boot } from './boot'
import { filtersFromQuery, filtersToQuery } from './list'

export const KINDS = ['list', 'board', 'calendar', 'gantt', 'tree']
/** Words of the address; fields of the same name are filtered through `where`. */
export const RESERVED = ['q', 'sort', 'as', 'by', 'group', 'cols', 'where', 'saved', 'facets', 'at', 'till']
const MOST_SORTS = 4

/**
 * @typedef {{any: boolean, parts: (Array | Tree)[]}} Tree conditions `[field, operator, value]` and groups of them
 * @typedef {{filters: Array[], where: Tree | null, search: string, sort: [string, string][], kind: string, by: string, till: string,
 *   group: string, columns: string[], saved: string, facets: boolean, at: string}} ListState
 */

/** `modified desc,name asc` as pairs; what is no order is left out. */
export function parseSort(text) {
  return String(text ?? '')
    .split(',')
    .map((part) => part.trim().split(' '))
    .filter(([field, direction]) => /^\w+$/.test(field ?? '') && ['asc', 'desc'].includes(direction))
    .slice(0, MOST_SORTS)
}

function parseTree(text) {
  try {
    const tree = JSON.parse(text)
    return Array.isArray(tree?.parts) && tree.parts.length ? tree : null
  } catch {
    return null
  }
}

const words = (text) =>
  String(text ?? '')
    .split(',')
    .filter((word) => /^\w+$/.test(word))

/** @returns {ListState} */
export function readAddress(query, meta) {
  const plain = Object.fromEntries(Object.entries(query).filter(([name]) => !RESERVED.includes(name)))
  const known = new Set(['docstatus', '_assign', ...(meta.fields ?? []).map((field) => field.fieldname)])
  const one = (name) => (/^\w+$/.test(query[name] ?? '') ? query[name] : '')
  return {
    filters: filtersFromQuery(plain, meta),
    where: parseTree(query.where),
    search: String(query.q ?? ''),
    sort: parseSort(query.sort),
    kind: KINDS.includes(query.as) ? query.as : 'list',
    by: known.has(one('by')) ? one('by') : '',
    till: known.has(one('till')) ? one('till') : '',
    group: known.has(one('group')) ? one('group') : '',
    columns: words(query.cols),
    saved: one('saved'),
    facets: query.facets === '1',
    at: /^\d{4}-\d{2}(-\d{2})?$/.test(query.at ?? '') ? query.at : '',
  }
}

/** @param {ListState} state @returns {Record<string, string | string[]>} */
export function writeAddress(state) {
  const direct = state.filters.filter(([field]) => !RESERVED.includes(field))
  const hidden = state.filters.filter(([field]) => RESERVED.includes(field))
  const tree = hidden.length
    ? { any: false, parts: [...hidden, ...(state.where ? [state.where] : [])] }
    : state.where
  const query = {
    ...filtersToQuery(direct),
    where: tree?.parts?.length ? JSON.stringify(tree) : undefined,
    q: state.search || undefined,
    sort: state.sort.map((pair) => pair.join(' ')).join(',') || undefined,
    as: state.kind === 'list' ? undefined : state.kind,
    by: state.by || undefined,
    till: state.till || undefined,
    group: state.group || undefined,
    cols: state.columns.join(',') || undefined,
    saved: state.saved || undefined,
    facets: state.facets ? '1' : undefined,
    at: state.at || undefined,
  }
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined))
}

/** The conditions as the server takes them. */
export const conditionsOf = (state) => [...state.filters, ...(state.where ? [state.where] : [])]

/** One more click on a head: up, down, not at all; with others kept the order is by several. */
export function turnSort(sort, field, keep = false) {
  const now = sort.find(([name]) => name === field)
  const others = keep ? sort.filter(([name]) => name !== field) : []
  if (!now) return [...others, [field, 'asc']]
  if (now[1] === 'asc')
    return keep ? sort.map((pair) => (pair === now ? [field, 'desc'] : pair)) : [[field, 'desc']]
  return others
}

/** A value of a facet is chosen or let go; several values of one field are alternatives. */
export function toggleFacet(filters, field, value) {
  const chosen = facetValues(filters, field)
  const text = String(value ?? '')
  const next = chosen.includes(text) ? chosen.filter((entry) => entry !== text) : [...chosen, text]
  const others = filters.filter(
    ([name, operator]) => !(name === field && ['=', 'in', 'is'].includes(operator)),
  )
  if (!next.length) return others
  if (next.length === 1) return [...others, onlyOne(field, next[0])]
  return [...others, [field, 'in', next.join(',')]]
}

const onlyOne = (field, value) => (value === '' ? [field, 'is', 'not set'] : [field, '=', value])

/** The values of a field that are chosen now. */
export function facetValues(filters, field) {
  for (const [name, operator, value] of filters) {
    if (name !== field) continue
    if (operator === '=') return [String(value)]
    if (operator === 'in') return String(value).split(',')
    if (operator === 'is' && value === 'not set') return ['']
  }
  return []
}

/** The address of a kept view. */
export const viewQuery = (view) => ({ ...(view.definition.query ?? {}), saved: view.name })

/** What a view keeps: the address without the place where somebody looked, and the widths. */
export function definitionOf(state, widths) {
  return { query: writeAddress({ ...state, saved: '', at: '' }), widths }
}

/** Whether what is shown differs from the view that is open. */
export function differs(state, view, widths) {
  const now = definitionOf(state, widths)
  const sorted = (object) => JSON.stringify(Object.entries(object ?? {}).sort())
  return sorted(now.query) !== sorted(view.definition.query)
}

/** Where this person's own widths of a list's columns are kept on this computer. */
export const widthsKey = (doctype) => `list-widths:${boot.user}:${doctype}`

/**
 * Conditions as the host's export takes them: all of `filters` and one of `or_filters`; null for deeper trees, which
 * are exported by the names of their rows.
 */
export function exportable(doctype, state) {
  const trees = state.where ? [state.where] : []
  const flat = (tree) => tree.parts.every(Array.isArray)
  if (trees.some((tree) => !flat(tree)) || state.search) return null
  const host = ([field, operator, value]) => [
    doctype,
    field,
    operator,
    operator.endsWith('like') ? `%${value}%` : value === '@me' ? boot.user : value,
  ]
  const all = trees.filter((tree) => !tree.any).flatMap((tree) => tree.parts)
  const either = trees.filter((tree) => tree.any).flatMap((tree) => tree.parts)
  return { filters: [...state.filters, ...all].map(host), or_filters: either.map(host) }
}
