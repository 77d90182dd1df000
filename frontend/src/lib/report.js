/** Reports: from what the server answers to columns, rows and a chart. No network here, so that it can be tested. */
import { titleOf } from './links'

/** Old reports describe a column as `Label:Type/Options:width`. */
function parseColumn(text) {
  const [label, type = 'Data', width] = text.split(':')
  const [fieldtype, options] = type.split('/')
  return {
    label,
    fieldname: label.toLowerCase().replace(/[\s-]+/g, '_'),
    fieldtype,
    options,
    width: Number(width) || undefined,
  }
}

/** @param {(string | object)[]} columns @returns {{label: string, fieldname: string, fieldtype: string, options?: string}[]} */
export function normalizeColumns(columns) {
  return (columns ?? [])
    .map((column) => (typeof column === 'string' ? parseColumn(column) : { fieldtype: 'Data', ...column }))
    .filter((column) => !column.hidden)
}

/** Rows as objects, whichever way the report gave them. */
export function normalizeRows(rows, columns) {
  return (rows ?? [])
    .filter((row) => row && (Array.isArray(row) ? row.length : Object.keys(row).length))
    .map((row) =>
      Array.isArray(row)
        ? Object.fromEntries(columns.map((column, index) => [column.fieldname, row[index]]))
        : row,
    )
}

const compare = (a, b) => {
  if (a === b) return 0
  if (a === null || a === undefined || a === '') return 1
  if (b === null || b === undefined || b === '') return -1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a).localeCompare(String(b), 'zh-Hans-CN')
}

/** A sorted copy; empty values stay last in both directions. */
export function sortRows(rows, fieldname, descending = false) {
  if (!fieldname) return rows
  const empty = (row) => row[fieldname] === null || row[fieldname] === undefined || row[fieldname] === ''
  return [...rows].sort((a, b) => {
    if (empty(a) || empty(b)) return compare(a[fieldname], b[fieldname])
    return descending ? compare(b[fieldname], a[fieldname]) : compare(a[fieldname], b[fieldname])
  })
}

/** The rows behind a bar or slice: those in which the label stands in any cell. */
export function rowsBehind(rows, columns, label) {
  if (!label) return rows
  const says = (row, { fieldname, fieldtype, options, parent }) => {
    const value = String(row[fieldname] ?? '')
    if (value === label || !value) return value === label
    if (fieldtype === 'Link') return titleOf(options, value) === label
    return fieldtype === 'Select' && __(value, null, parent) === label
  }
  return rows.filter((row) => columns.some((column) => says(row, column)))
}

const COLOURS = [
  '#2563eb',
  '#0d9488',
  '#d97706',
  '#dc2626',
  '#7c3aed',
  '#0891b2',
  '#65a30d',
  '#db2777',
  '#475569',
]

function pieOption(labels, datasets) {
  const values = datasets[0]?.values ?? []
  return {
    tooltip: { trigger: 'item' },
    legend: { type: 'scroll', bottom: 0 },
    series: [
      {
        type: 'pie',
        radius: ['40%', '68%'],
        data: labels.map((name, index) => ({ name: String(name), value: values[index] ?? 0 })),
      },
    ],
  }
}

/**
 * ECharts option for a chart in the framework's form.
 * @param {{data: {labels: any[], datasets: {name: string, values: number[], chartType?: string}[]}, type?: string}} chart
 * @param {(text: string) => string} translate
 */
export function chartOption(chart, translate = (text) => text) {
  const { labels = [], datasets = [] } = chart?.data ?? {}
  if (!labels.length || !datasets.length) return null
  const base = { color: chart.colors?.length ? chart.colors : COLOURS, textStyle: { fontFamily: 'inherit' } }
  if (['pie', 'donut', 'percentage'].includes(chart.type)) return { ...base, ...pieOption(labels, datasets) }
  const stacked = Boolean(chart.barOptions?.stacked)
  const whole = datasets.every(({ values }) => values.every((value) => Number.isInteger(value ?? 0)))
  return {
    ...base,
    tooltip: { trigger: 'axis' },
    legend: datasets.length > 1 ? { type: 'scroll', top: 0 } : undefined,
    grid: { left: 8, right: 16, bottom: 8, top: datasets.length > 1 ? 36 : 16, containLabel: true },
    xAxis: { type: 'category', data: labels.map(String), axisLabel: { hideOverlap: true } },
    // Counts have no halves, rates do.
    yAxis: { type: 'value', minInterval: whole ? 1 : 0 },
    series: datasets.map((dataset) => ({
      name: translate(dataset.name ?? ''),
      type: dataset.chartType || (chart.type === 'line' ? 'line' : 'bar'),
      stack: stacked ? 'all' : undefined,
      smooth: true,
      barMaxWidth: 36,
      data: dataset.values,
    })),
  }
}

/**
 * How dark a cell of a heat map is: a colour that mixes with both backgrounds, by the share of the largest cell.
 * @returns {(row: object, column: object) => object | undefined} a style
 */
export function heatStyle(columns, rows) {
  const hot = columns.filter((column) => column.heat)
  const most = Math.max(1, ...rows.flatMap((row) => hot.map((column) => Number(row[column.fieldname]) || 0)))
  return (row, column) => {
    const share = column.heat ? (Number(row[column.fieldname]) || 0) / most : 0
    return share ? { backgroundColor: `rgb(220 38 38 / ${(0.08 + 0.62 * share).toFixed(2)})` } : undefined
  }
}

/** Filters from the address: numbers and lists come back as what they were. */
export function filtersFromQuery(query, filters) {
  const known = new Set(filters.map((filter) => filter.fieldname))
  return Object.fromEntries(Object.entries(query).filter(([key]) => known.has(key)))
}

const DATES = {
  Today: () => new Date(),
  'Year Start': () => new Date(new Date().getFullYear(), 0, 1),
  'Year End': () => new Date(new Date().getFullYear(), 11, 31),
}

/** The default of a report's filter; dates may be given by the words Today, Year Start, Year End. */
export function filterDefault(filter) {
  const make = DATES[filter.default]
  if (!make) return filter.default ?? null
  const date = make()
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-')
}

const LOOK = ['row', 'column', 'value', 'how', 'type', 'x', 'y']

/** How a report is looked at stands in the address too, under names that no filter has. */
export const lookFromQuery = (query) =>
  Object.fromEntries(LOOK.filter((key) => query[`_${key}`]).map((key) => [key, String(query[`_${key}`])]))

export const lookToQuery = (look) =>
  Object.fromEntries(LOOK.filter((key) => look[key]).map((key) => [`_${key}`, look[key]]))
