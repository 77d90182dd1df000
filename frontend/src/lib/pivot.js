/** Rows of a report counted or summed by two of its columns. */
import { isNumeric } from './format'
import { titleOf } from './links'

export const WAYS = { count: __('Count'), sum: __('Sum'), avg: __('Average') }
const EMPTY = '—'
const TOTAL = '__total'

const collect = () => ({ count: 0, sum: 0 })
const worth = ({ count, sum }, how) => {
  if (how === 'count') return count
  if (how === 'sum') return Math.round(sum * 1e6) / 1e6
  return count ? Math.round((sum / count) * 100) / 100 : null
}

/** How a value that rows are grouped by is called: links by their title, choices by their word. */
function named(value, column) {
  if (!value) return EMPTY
  if (column?.fieldtype === 'Link') return titleOf(column.options, value)
  return column?.fieldtype === 'Select' ? __(value, null, column.parent) : value
}

/**
 * @param {object[]} rows
 * @param {{row: string, column?: string, value?: string, how: 'count' | 'sum' | 'avg'}} by
 * @param {object[]} columns of the report
 * @returns {{columns: object[], rows: object[], total: object}}
 */
export function pivot(rows, by, columns) {
  const source = columns.find((column) => column.fieldname === by.row)
  const heads = new Map()
  const lines = new Map()
  const all = new Map()
  const add = (cells, key, value) => {
    if (!cells.has(key)) cells.set(key, collect())
    const cell = cells.get(key)
    cell.count++
    cell.sum += value
  }
  for (const row of rows) {
    const line = row[by.row] ?? ''
    const head = by.column ? String(row[by.column] ?? '') || EMPTY : ''
    const value = Number(row[by.value]) || 0
    if (by.column) heads.set(head, true)
    if (!lines.has(line)) lines.set(line, new Map())
    for (const cells of [lines.get(line), all]) {
      if (by.column) add(cells, head, value)
      add(cells, TOTAL, value)
    }
  }
  const names = [...heads.keys()].sort((a, b) => a.localeCompare(b, 'zh-Hans-CN', { numeric: true }))
  const numeric = by.how === 'count' ? 'Int' : 'Float'
  const values = (cells) =>
    Object.fromEntries(
      [...names.map((name, index) => [`c${index}`, name]), [TOTAL, TOTAL]].map(([fieldname, key]) => [
        fieldname,
        cells.has(key) ? worth(cells.get(key), by.how) : null,
      ]),
    )
  const summed = columns.find((column) => column.fieldname === by.value)
  const figure = summed && by.how !== 'count' ? `${__(summed.label)} · ${WAYS[by.how]}` : WAYS[by.how]
  const across = columns.find((column) => column.fieldname === by.column)
  return {
    columns: [
      { ...source },
      ...names.map((label, index) => ({
        fieldname: `c${index}`,
        fieldtype: numeric,
        label: named(label === EMPTY ? '' : label, across),
      })),
      { fieldname: TOTAL, fieldtype: numeric, label: by.column ? __('Total') : figure },
    ],
    rows: [...lines].map(([line, cells]) => ({ [by.row]: line, ...values(cells) })),
    total: values(all),
  }
}

/** Columns that rows can be grouped by, and those that can be summed. */
export const groupable = (columns) =>
  columns.filter((column) => !isNumeric(column) && column.fieldtype !== 'HTML')
export const summable = (columns) => columns.filter(isNumeric)

/**
 * A chart of a report's rows, in the framework's form: one figure per value of a column, the largest first.
 * @param {{type: string, x: string, y: string}} choice `y` empty counts rows
 */
export function chartOf(rows, columns, { type, x, y }, most = 20) {
  const field = columns.find((column) => column.fieldname === x)
  if (!type || !field) return null
  const how = y ? 'sum' : 'count'
  const sums = pivot(rows, { row: x, value: y, how }, columns)
  const isTime = ['Date', 'Datetime'].includes(field.fieldtype)
  const ordered = [...sums.rows].sort((a, b) =>
    isTime ? String(a[x]).localeCompare(String(b[x])) : b[TOTAL] - a[TOTAL],
  )
  const shown = isTime ? ordered : ordered.slice(0, most)
  const value = columns.find((column) => column.fieldname === y)
  return {
    type,
    data: {
      labels: shown.map((row) => String(named(row[x], field))),
      datasets: [{ name: value?.label ?? WAYS.count, values: shown.map((row) => row[TOTAL] ?? 0) }],
    },
  }
}

/**
 * Rows of a tree without those below a closed one; each says whether it has some below it.
 * @param {object[]} rows with `indent`
 * @param {Set<object>} closed
 */
export function openRows(rows, closed) {
  const shown = []
  let under = Infinity
  for (const [index, row] of rows.entries()) {
    const depth = Number(row.indent) || 0
    if (depth > under) continue
    under = closed.has(row) ? depth : Infinity
    shown.push({ row, depth, parent: (Number(rows[index + 1]?.indent) || 0) > depth })
  }
  return shown
}

/** Whether rows form a tree: the server says how deep each stands. */
export const isTree = (rows) => rows.some((row) => Number(row.indent) > 0)
