/** Reports that people build of a list: columns, conditions, groups. Kept in the form in which the desk keeps them. */
import { isNumeric } from './format'

export const FUNCTIONS = ['count', 'sum', 'avg']
const AGGREGATE = '_aggregate_column'
export const MOST_ROWS = 5000

const column = (doctype, field) => `\`tab${doctype}\`.\`${field}\``
const parse = (text) => {
  try {
    return (typeof text === 'string' ? JSON.parse(text) : text) ?? {}
  } catch {
    return {}
  }
}

/** Conditions as the server and the desk write them: "contains" is a pattern. */
const serverFilters = (doctype, filters) =>
  filters.map(([name, way, value]) => [doctype, name, way, way.endsWith('like') ? `%${value}%` : value])

/**
 * What is built, from what was kept.
 * @returns {{columns: string[], filters: any[][], sort: [string, 'asc' | 'desc'], group: {by: string, how: string, on: string}, totals: boolean, chart: string}}
 */
export function fromReport(json, doctype) {
  const kept = parse(json)
  const fields = (kept.fields ?? []).filter(([, owner]) => !owner || owner === doctype)
  const order = /`?([\w ]+)`?\s+(asc|desc)/i.exec(String(kept.order_by ?? '').replace(/^.*\.`/, '`'))
  const group = kept.group_by ?? {}
  return {
    columns: fields.map(([fieldname]) => fieldname).filter((fieldname) => fieldname !== AGGREGATE),
    filters: (kept.filters ?? [])
      .map((row) => (row.length > 3 ? row.slice(1, 4) : row))
      .map(([name, way, value]) => [
        name,
        way,
        way.endsWith('like') ? String(value).replace(/^%|%$/g, '') : value,
      ]),
    sort: [order?.[1] ?? 'modified', (order?.[2] ?? 'desc').toLowerCase()],
    group: {
      by: String(group.group_by ?? '')
        .replace(/`/g, '')
        .split('.')
        .pop(),
      how: group.aggregate_function ?? 'count',
      on: group.aggregate_on_field ?? '',
    },
    totals: Boolean(Number(kept.add_totals_row ?? 0)),
    chart: kept.chart_args?.chart_type ?? '',
  }
}

/** What is kept, from what is built. */
export function toReport({ columns, filters, sort, group, totals, chart }, doctype) {
  return {
    fields: columns.map((fieldname) => [fieldname, doctype]),
    filters: serverFilters(doctype, filters),
    order_by: `${column(doctype, sort[0])} ${sort[1]}`,
    add_totals_row: Number(totals),
    page_length: 100,
    ...(group.by
      ? {
          group_by: {
            group_by: column(doctype, group.by),
            aggregate_function: group.how,
            aggregate_on_doctype: doctype,
            ...(group.how === 'count' ? {} : { aggregate_on_field: group.on }),
          },
        }
      : {}),
    ...(chart ? { chart_args: { chart_type: chart } } : {}),
  }
}

/** The question that the server is asked. */
export function question({ columns, filters, sort, group }, doctype) {
  const common = { doctype, filters: JSON.stringify(serverFilters(doctype, filters)), start: 0 }
  if (!group.by)
    return {
      ...common,
      fields: JSON.stringify(
        ['name', ...columns.filter((name) => name !== 'name')].map((name) => column(doctype, name)),
      ),
      order_by: `${column(doctype, sort[0])} ${sort[1]}`,
      page_length: MOST_ROWS,
    }
  const on = group.how === 'count' ? column(doctype, 'name') : column(doctype, group.on)
  return {
    ...common,
    fields: JSON.stringify([column(doctype, group.by), `${group.how}(${on}) as ${AGGREGATE}`]),
    group_by: column(doctype, group.by),
    order_by: `${AGGREGATE} desc`,
    page_length: MOST_ROWS,
  }
}

/** Columns of the table, from the metadata of what was chosen. */
export function builtColumns({ columns, group }, fields) {
  const known = new Map(fields.map((field) => [field.fieldname, field]))
  if (!group.by)
    return columns
      .map(
        (fieldname) =>
          known.get(fieldname) ??
          (fieldname === 'name' ? { fieldname, fieldtype: 'Data', label: 'ID' } : null),
      )
      .filter(Boolean)
  const on = known.get(group.on)
  const label = { count: __('Count'), sum: __('Sum'), avg: __('Average') }[group.how]
  return [
    known.get(group.by) ?? { fieldname: group.by, fieldtype: 'Data', label: group.by },
    {
      fieldname: AGGREGATE,
      fieldtype: group.how === 'count' ? 'Int' : group.how === 'avg' ? 'Float' : (on?.fieldtype ?? 'Float'),
      label: on && group.how !== 'count' ? `${label} · ${__(on.label, null, on.parent)}` : label,
    },
  ]
}

/** The row of sums below; nothing where no column can be summed. */
export function totalsOf(rows, columns) {
  const summed = columns.filter((entry) => isNumeric(entry) && entry.fieldtype !== 'Percent')
  if (!summed.length || !rows.length) return null
  return Object.fromEntries(
    summed.map(({ fieldname }) => [
      fieldname,
      rows.reduce((sum, row) => sum + (Number(row[fieldname]) || 0), 0),
    ]),
  )
}

/** The list behind a row of a grouped report. */
export const behindGroup = (doctype, { filters, group }, row) => ({
  doctype,
  filters: [...filters, row[group.by] ? [group.by, '=', row[group.by]] : [group.by, 'is', 'not set']],
})
