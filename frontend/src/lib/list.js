/** Lists: which columns, which filters, from the metadata. Pure. */
import { hasRole } from './boot'

const LAYOUT = [
  'Section Break',
  'Column Break',
  'Tab Break',
  'Heading',
  'Fold',
  'HTML',
  'Button',
  'Table',
  'Table MultiSelect',
  'Image',
]

/** @param {{fieldtype: string}} field does the field hold a value in the record's own table? */
export const holdsValue = (field) => !LAYOUT.includes(field.fieldtype)

export const MODIFIED = { fieldname: 'modified', label: 'Last changed', fieldtype: 'Datetime' }
export const NAME = { fieldname: 'name', label: 'ID', fieldtype: 'Data' }

/** Fields of a level above 0 are shown only to roles that read that level. */
export function mayReadLevel(meta, level) {
  if (!level) return true
  return (meta.permissions ?? []).some((rule) => rule.permlevel === level && rule.read && hasRole(rule.role))
}

/** A link shows the title of what it leads to, so a column with that title beside it says the same twice. */
function withoutEchoes(title, columns) {
  const names = new Set([title, ...columns].map((column) => column.fieldname))
  return columns.filter(
    (column) =>
      title.fieldname !== `${column.fieldname}_name` &&
      !(column.fieldname.endsWith('_name') && names.has(column.fieldname.slice(0, -'_name'.length))),
  )
}

/**
 * Columns of a list: the title first, then what the DocType marks for lists, then its state and when it was changed.
 * @param {object} meta
 * @param {object | null} workflow
 * @returns {object[]} at most nine
 */
export function listColumns(meta, workflow = null) {
  const fields = (meta.fields ?? []).filter(
    (field) => holdsValue(field) && !field.hidden && mayReadLevel(meta, field.permlevel),
  )
  const title = fields.find((field) => field.fieldname === meta.title_field) ?? NAME
  const marked = fields.filter((field) => Number(field.in_list_view) && field !== title)
  return [
    title,
    ...withoutEchoes(title, marked).slice(0, 6),
    ...stateColumn(meta, workflow, marked),
    MODIFIED,
  ]
}

/** Every column that can be chosen, by name: fields of the form in its order, then what every record has. */
export function columnChoices(meta, workflow = null) {
  const state = workflow?.workflow_state_field
  const fields = withStates(filterFields(meta), workflow).filter((field) => !LONG.includes(field.fieldtype))
  const names = new Set(fields.map((field) => field.fieldname))
  return [
    ...fields,
    ...(state && !names.has(state)
      ? [{ fieldname: state, label: 'State', fieldtype: 'Data', parent: meta.name }]
      : []),
    { fieldname: '_assign', label: 'Assigned To', fieldtype: 'Assigned' },
  ]
}

const LONG = [
  'Text Editor',
  'Code',
  'HTML Editor',
  'Markdown Editor',
  'JSON',
  'Long Text',
  'Signature',
  'Geolocation',
]

/** The chosen columns in the chosen order; the list's own where nothing or nothing known is chosen. */
export function chosenColumns(meta, workflow, names) {
  const own = listColumns(meta, workflow)
  if (!names?.length) return own
  const known = new Map(
    [...columnChoices(meta, workflow), ...own].map((column) => [column.fieldname, column]),
  )
  const chosen = names.map((name) => known.get(name)).filter(Boolean)
  return chosen.length ? chosen : own
}

const WIDTHS = {
  Check: 90,
  Int: 100,
  Float: 110,
  Currency: 130,
  Percent: 100,
  Date: 120,
  Datetime: 150,
  Select: 130,
  Link: 170,
  Rating: 100,
  Duration: 120,
}
export const [NARROWEST, WIDEST] = [60, 800]

/** How wide a column is in pixels: as somebody made it, else by its type; the title has more room. */
export function widthOf(column, index, widths = {}) {
  const made = Number(widths[column.fieldname])
  if (made) return Math.min(Math.max(made, NARROWEST), WIDEST)
  return index === 0 ? 220 : (WIDTHS[column.fieldtype] ?? 170)
}

/** Fields by which a list is grouped, counted and laid out as a board: few values, each with many records. */
export function categories(meta, workflow = null) {
  const state = workflow?.workflow_state_field
  return withStates(filterFields(meta), workflow).filter(
    (field) =>
      field.fieldname === state ||
      (['Select', 'Link', 'Check'].includes(field.fieldtype) && field.fieldname !== 'owner'),
  )
}

/** Fields of the panel beside a list: the standard filters and states first. */
export function facetFields(meta, workflow = null) {
  const state = workflow?.workflow_state_field
  const rank = (field) =>
    field.fieldname === state || Number(field.in_standard_filter) ? 0 : Number(field.in_list_view) ? 1 : 2
  return categories(meta, workflow)
    .filter((field) => rank(field) < 2 || field.fieldtype === 'Select')
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, 8)
}

function stateColumn(meta, workflow, marked) {
  const state = workflow?.workflow_state_field
  if (state)
    return marked.some((field) => field.fieldname === state)
      ? []
      : [{ fieldname: state, label: 'State', fieldtype: 'Data', parent: meta.name }]
  if (!meta.is_submittable || meta.fields.some((field) => field.fieldname === 'status')) return []
  return [{ fieldname: 'docstatus', label: 'Status', fieldtype: 'Select', parent: meta.name }]
}

/** States of a workflow are few and have names in the person's language: choose them from a list. */
export function withStates(fields, workflow) {
  const state = workflow?.workflow_state_field
  if (!state) return fields
  const options = workflow.states.map((row) => row.state).join('\n')
  return fields.map((field) =>
    field.fieldname === state ? { ...field, label: 'State', fieldtype: 'Select', options } : field,
  )
}

/** The fields by which a clerk filters, in the order of the form. */
export function standardFilters(meta) {
  return (meta.fields ?? []).filter(
    (field) => Number(field.in_standard_filter) && holdsValue(field) && mayReadLevel(meta, field.permlevel),
  )
}

/** Every field that "add a filter" offers. */
export function filterFields(meta) {
  const own = (meta.fields ?? []).filter(
    (field) =>
      holdsValue(field) &&
      !field.hidden &&
      field.fieldtype !== 'Password' &&
      mayReadLevel(meta, field.permlevel),
  )
  return [
    NAME,
    ...own,
    MODIFIED,
    { fieldname: 'creation', label: 'Created on', fieldtype: 'Datetime' },
    { fieldname: 'owner', label: 'Created by', fieldtype: 'Link', options: 'User' },
  ]
}

const DATES = ['Date', 'Datetime']

/** Spans of time that a view keeps in words, so that it is right tomorrow, too. */
export const SPANS = [
  'today',
  'yesterday',
  'tomorrow',
  'this week',
  'last week',
  'next week',
  'this month',
  'last month',
  'next month',
  'this quarter',
  'this year',
  'last year',
  'last 7 days',
  'last 30 days',
  'last 90 days',
  'next 7 days',
  'next 30 days',
  'next 90 days',
]

/** Operators that make sense for a type of field, the usual one first. */
export function operatorsFor(field) {
  const type = field.fieldtype
  if (['Check'].includes(type)) return ['=']
  if (['Select', 'Link', 'Dynamic Link'].includes(type)) return ['=', '!=', 'in', 'not in', 'is']
  if (DATES.includes(type)) return ['timespan', '=', '>=', '<=', '>', '<', '!=', 'is']
  if (['Int', 'Float', 'Currency', 'Percent', 'Duration', 'Rating', 'Time'].includes(type))
    return ['=', '>=', '<=', '>', '<', '!=', 'is']
  return ['like', '=', '!=', 'not like', 'is']
}

export const OPERATOR_LABEL = {
  '=': 'is equal to',
  '!=': 'is not',
  like: 'contains',
  'not like': 'does not contain',
  '>': 'after / more than',
  '<': 'before / less than',
  '>=': 'from',
  '<=': 'up to',
  in: 'is one of',
  'not in': 'is none of',
  timespan: 'within',
  is: 'is filled or empty',
}

const SEPARATOR = '~'

/** Filters in the address: `status=Active`, `valid_to=<=~2026-12-31`. */
export function filtersToQuery(filters) {
  const query = {}
  for (const [fieldname, operator, value] of filters) {
    const text = operator === '=' ? String(value) : `${operator}${SEPARATOR}${value}`
    query[fieldname] = query[fieldname] === undefined ? text : [].concat(query[fieldname], text)
  }
  return query
}

const OPERATORS = Object.keys(OPERATOR_LABEL)

/** Reads the address back; names that are no field of the DocType are left out. */
export function filtersFromQuery(query, meta) {
  const known = new Set(
    filterFields(meta)
      .map((field) => field.fieldname)
      .concat('docstatus', 'workflow_state'),
  )
  const filters = []
  for (const [fieldname, raw] of Object.entries(query)) {
    if (!known.has(fieldname)) continue
    for (const text of [].concat(raw)) {
      const cut = String(text).indexOf(SEPARATOR)
      const operator = String(text).slice(0, cut)
      if (cut > 0 && OPERATORS.includes(operator)) filters.push([fieldname, operator, text.slice(cut + 1)])
      else filters.push([fieldname, '=', String(text)])
    }
  }
  return filters
}

/** Rows from the compact answer `{keys, values}`. */
export function unpack(answer) {
  if (Array.isArray(answer)) return answer
  const keys = answer?.keys ?? []
  return (answer?.values ?? []).map((values) => {
    const row = {}
    for (let index = 0; index < keys.length; index++) row[keys[index]] = values[index]
    return row
  })
}

/** Which of the rights that a list needs this user has; the server checks again. */
export function rights(meta) {
  const rules = (meta.permissions ?? []).filter(
    (rule) => !rule.permlevel && (hasRole(rule.role) || rule.role === 'All'),
  )
  const may = (right) => rules.some((rule) => Number(rule[right]))
  return {
    create: may('create') && !meta.in_create,
    delete: may('delete'),
    export: may('export'),
    read: may('read'),
    print: may('print'),
    submit: may('submit'),
    write: may('write'),
  }
}
