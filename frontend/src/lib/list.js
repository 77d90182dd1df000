/** Lists: which columns, which filters, which request. Pure, except for the calls at the end. */
import { hasRole } from './boot'
import { read, write } from './http'
import { keepTitles } from './links'

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

const MODIFIED = { fieldname: 'modified', label: 'Last changed', fieldtype: 'Datetime' }
const NAME = { fieldname: 'name', label: 'ID', fieldtype: 'Data' }

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

/** Operators that make sense for a type of field, the usual one first. */
export function operatorsFor(field) {
  const type = field.fieldtype
  if (['Check'].includes(type)) return ['=']
  if (['Select', 'Link', 'Dynamic Link'].includes(type)) return ['=', '!=', 'is']
  if (['Int', 'Float', 'Currency', 'Percent', 'Date', 'Datetime', 'Duration', 'Rating'].includes(type))
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

/** What the server wants: contains becomes a pattern. */
export function serverFilters(doctype, filters) {
  return filters.map(([fieldname, operator, value]) => [
    doctype,
    fieldname,
    operator,
    operator.endsWith('like') ? `%${value}%` : value,
  ])
}

/** The search box looks into the name, the title and the search fields. */
export function searchFilters(meta, text) {
  if (!text) return []
  const fields = new Set(['name', meta.title_field, ...String(meta.search_fields ?? '').split(',')])
  return [...fields]
    .map((field) => String(field ?? '').trim())
    .filter(Boolean)
    .map((field) => [meta.name, field, 'like', `%${text}%`])
}

/** Rows from the compact answer `{keys, values}`. */
export function unpack(answer) {
  if (Array.isArray(answer)) return answer
  const keys = answer?.keys ?? []
  return (answer?.values ?? []).map((values) =>
    Object.fromEntries(keys.map((key, index) => [key, values[index]])),
  )
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
    submit: may('submit'),
    write: may('write'),
  }
}

/**
 * One page of rows.
 * @param {{meta: object, columns: object[], filters: any[], search: string, orderBy: string, start: number, pageLength: number}} ask
 */
export async function fetchRows({ meta, columns, filters, search, orderBy, start, pageLength }) {
  const fields = new Set(['name', 'modified', 'docstatus', ...columns.map((column) => column.fieldname)])
  if (meta.fields.some((field) => field.fieldname === 'workflow_state')) fields.add('workflow_state')
  const answer = await write('frappe.desk.reportview.get', {
    doctype: meta.name,
    fields: [...fields].map((field) => `\`tab${meta.name}\`.\`${field}\``),
    filters: serverFilters(meta.name, filters),
    or_filters: searchFilters(meta, search),
    order_by: orderBy,
    start,
    page_length: pageLength,
    with_comment_count: 0,
  })
  keepTitles(answer?._link_titles)
  return unpack(answer)
}

/** How many rows there are in all. */
export function fetchCount(meta, filters, search) {
  return write('frappe.desk.reportview.get_count', {
    doctype: meta.name,
    filters: serverFilters(meta.name, filters),
    or_filters: searchFilters(meta, search),
    fields: [],
    distinct: false,
  })
}

/** Titles of linked records of one page of rows, one question per DocType. */
export async function fetchTitles(rows, columns) {
  for (const column of columns.filter((entry) => entry.fieldtype === 'Link')) {
    const names = [...new Set(rows.map((row) => row[column.fieldname]).filter(Boolean))]
    if (!names.length) continue
    const titles = await read('medaffairs.face.api.link_titles', { doctype: column.options, names }).catch(
      () => ({}),
    )
    keepTitles(
      Object.fromEntries(
        Object.entries(titles).map(([name, title]) => [`${column.options}::${name}`, title]),
      ),
    )
  }
}
