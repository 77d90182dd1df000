/** Forms: from metadata to tabs, sections and columns; what may be changed; what is missing. */
import { boot } from './boot'
import { askedBy, holds } from './expression'
import { display } from './format'
import { read } from './http'

askedBy(boot)

/** Values that a new record starts with. */
function defaultOf(field) {
  const given = field.default
  if (given === undefined || given === null || given === '')
    return field.fieldtype === 'Check' ? 0 : undefined
  const now = new Date()
  const pad = (value) => String(value).padStart(2, '0')
  const today = `${now.getFullYear()}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`
  const time = `${pad(now.getHours())}:${pad(now.getMinutes())}:${pad(now.getSeconds())}`
  if (String(given).toLowerCase() === 'today') return today
  if (String(given).toLowerCase() === 'now') return field.fieldtype === 'Time' ? time : `${today} ${time}`
  if (given === '__user' || given === 'user') return boot.user
  if (['Int', 'Check', 'Float', 'Currency', 'Percent'].includes(field.fieldtype)) return Number(given)
  return given
}

export const isTable = (field) => field.fieldtype === 'Table' || field.fieldtype === 'Table MultiSelect'

/**
 * A new record with its defaults; values from the address fill fields that exist.
 * @param {object} meta
 * @param {Record<string, any>} given
 */
export function newDoc(meta, given = {}) {
  const doc = { doctype: meta.name, __islocal: 1, docstatus: 0 }
  for (const field of meta.fields) {
    if (isTable(field)) doc[field.fieldname] = []
    else {
      const value = given[field.fieldname] ?? defaultOf(field)
      if (value !== undefined) doc[field.fieldname] = value
    }
  }
  return doc
}

/**
 * A record as the server takes it. Frappe expects a new one under a name of the page's own, which it replaces.
 * @param {object} doc
 * @returns {string} JSON
 */
export function toWire(doc) {
  if (!doc.__islocal || doc.name) return JSON.stringify(doc)
  const kind = doc.doctype.toLowerCase().replaceAll(' ', '-')
  return JSON.stringify({ ...doc, name: `new-${kind}-${Math.random().toString(36).slice(2, 12)}` })
}

/** A new row of a child table. */
export function newRow(meta, parent, fieldname) {
  return {
    ...newDoc(meta),
    parenttype: parent.doctype,
    parentfield: fieldname,
    idx: (parent[fieldname]?.length ?? 0) + 1,
  }
}

/** The rows with a copy of one right behind it. */
export function copyRow(rows, row) {
  const own = ['name', 'creation', 'modified', 'owner', 'modified_by']
  const values = Object.fromEntries(Object.entries(row).filter(([key]) => !own.includes(key)))
  const place = rows.indexOf(row) + 1
  return [...rows.slice(0, place), { ...values, __islocal: 1 }, ...rows.slice(place)]
}

/** The rows with one moved up (-1) or down (1); at the edge nothing moves. */
export function moveRow(rows, row, by) {
  const from = rows.indexOf(row)
  const to = from + by
  if (from < 0 || to < 0 || to >= rows.length) return rows
  const moved = [...rows]
  moved.splice(to, 0, ...moved.splice(from, 1))
  return moved
}

/**
 * Layout of a form: tabs → sections → columns → fields, in the order of the metadata.
 * @returns {{label: string, fieldname: string, sections: {label: string, columns: object[][]}[]}[]}
 */
export function layout(meta) {
  const tabs = []
  const openTab = (field) =>
    tabs.push({
      label: field?.label || 'Details',
      fieldname: field?.fieldname ?? 'details',
      dependsOn: field?.depends_on,
      sections: [],
    })
  const openSection = (field) => {
    if (!tabs.length) openTab()
    tabs.at(-1).sections.push({ ...(field ?? {}), label: field?.label ?? '', columns: [[]] })
  }
  for (const field of meta.fields) {
    if (field.fieldtype === 'Tab Break') openTab(field)
    else if (field.fieldtype === 'Section Break') openSection(field)
    else {
      if (!tabs.at(-1)?.sections.length) openSection()
      const columns = tabs.at(-1).sections.at(-1).columns
      if (field.fieldtype === 'Column Break') columns.push([])
      else columns.at(-1).push(field)
    }
  }
  return tabs.filter((tab) => tab.sections.some((section) => section.columns.some((column) => column.length)))
}

/** Levels that this user may read and write on this kind of record. */
export function levels(meta, roles = boot.roles) {
  const rules = (meta.permissions ?? []).filter((rule) => roles.includes(rule.role) || rule.role === 'All')
  const having = (right) =>
    new Set(rules.filter((rule) => Number(rule[right])).map((rule) => Number(rule.permlevel) || 0))
  return { read: having('read'), write: having('write') }
}

/**
 * How a field appears: not at all, to read, or to change; and whether it must be filled.
 * @param {object} field
 * @param {{doc: object, parent?: object, levels: {read: Set<number>, write: Set<number>}, locked: boolean}} context
 */
export function fieldState(field, { doc, parent = doc, levels: allowed, locked }) {
  const level = Number(field.permlevel) || 0
  const visible =
    !Number(field.hidden) && (level === 0 || allowed.read.has(level)) && holds(field.depends_on, doc, parent)
  const conditional = (condition) => Boolean(condition) && holds(condition, doc, parent, false)
  const frozen =
    Number(field.set_only_once) && !doc.__islocal && ![undefined, null, ''].includes(doc[field.fieldname])
  const readonly =
    locked ||
    frozen ||
    Number(field.read_only) === 1 ||
    field.fieldtype === 'Read Only' ||
    (level > 0 && !allowed.write.has(level)) ||
    conditional(field.read_only_depends_on)
  const afterSubmit = doc.docstatus === 1 && Number(field.allow_on_submit) === 1
  return {
    visible,
    readonly: afterSubmit ? Number(field.read_only) === 1 : Boolean(readonly || doc.docstatus > 0),
    required: Number(field.reqd) === 1 || conditional(field.mandatory_depends_on),
  }
}

const isEmpty = (value) =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length)

/**
 * What is still missing, by field, in words; rows of tables by table, row and field.
 * @returns {{fieldname: string, row?: number, label: string}[]}
 */
export function missing(meta, children, doc, allowed) {
  const found = []
  for (const field of meta.fields) {
    const state = fieldState(field, { doc, levels: allowed, locked: false })
    if (state.visible && state.required && !state.readonly && isEmpty(doc[field.fieldname])) {
      found.push({ fieldname: field.fieldname, label: __(field.label, null, field.parent) })
    }
    if (field.fieldtype !== 'Table' || !children[field.options]) continue
    for (const [index, row] of (doc[field.fieldname] ?? []).entries()) {
      for (const cell of children[field.options].fields) {
        const rule = fieldState(cell, { doc: row, parent: doc, levels: allowed, locked: false })
        if (rule.visible && rule.required && !rule.readonly && isEmpty(row[cell.fieldname])) {
          found.push({
            fieldname: field.fieldname,
            row: index + 1,
            label: __('{0} row {1}: {2}', [
              __(field.label, null, field.parent),
              index + 1,
              __(cell.label, null, cell.parent),
            ]),
          })
        }
      }
    }
  }
  return found
}

/**
 * Fields that copy a value from a linked record follow the link at once; the server does it again when it saves.
 * @param {object} meta of the record or row that holds the link
 * @param {object} doc is changed
 * @param {{fieldname: string, options: string}} link
 * @param {string | null} name
 */
export async function followLink(meta, doc, link, name) {
  const targets = meta.fields.filter((field) => field.fetch_from?.startsWith(`${link.fieldname}.`))
  if (!targets.length) return
  const sources = targets.map((field) => field.fetch_from.split('.')[1])
  const question = { doctype: link.options, filters: { name }, fieldname: sources }
  const values = name ? await read('frappe.client.get_value', question).catch(() => ({})) : {}
  for (const [index, field] of targets.entries()) {
    if (Number(field.fetch_if_empty) && doc[field.fieldname]) continue
    doc[field.fieldname] = values?.[sources[index]] ?? null
  }
}

/** Columns of a child table: marked ones, else the first four. */
export function gridColumns(meta, allowed) {
  const usable = meta.fields.filter(
    (field) =>
      !['Section Break', 'Column Break', 'Tab Break', 'HTML', 'Button'].includes(field.fieldtype) &&
      !Number(field.hidden) &&
      (!field.permlevel || allowed.read.has(Number(field.permlevel))),
  )
  const marked = usable.filter((field) => Number(field.in_list_view))
  return (marked.length ? marked : usable.slice(0, 4)).slice(0, 8)
}

/** Cells from a spreadsheet, as rows of values. */
export function parseClipboard(text) {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.split('\t').map((cell) => cell.trim()))
}

/** Fields in which two versions of a record differ, for the person who must choose. */
export function conflicts(meta, mine, theirs, base) {
  const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
  return meta.fields
    .filter(
      (field) => field.fieldname && !['Section Break', 'Column Break', 'Tab Break'].includes(field.fieldtype),
    )
    .filter(
      (field) =>
        !same(base[field.fieldname], mine[field.fieldname]) &&
        !same(mine[field.fieldname], theirs[field.fieldname]),
    )
    .map((field) => ({ field, mine: mine[field.fieldname], theirs: theirs[field.fieldname] }))
}

/**
 * Rows of a table that another version of it does not have, one on each line, by their columns.
 * @returns {string} how many rows are the same when there are none
 */
export function rowsInWords(meta, rows, others) {
  const columns = (meta?.fields ?? []).filter((field) => Number(field.in_list_view))
  const words = (row) => columns.map((field) => display(row[field.fieldname], field) || '—').join(' · ')
  const there = new Set((others ?? []).map(words))
  const lines = (rows ?? [])
    .map((row, index) => [index + 1, words(row)])
    .filter(([, line]) => !there.has(line))
    .map(([number, line]) => `${number}. ${line}`)
  return [__('{0} rows', [(rows ?? []).length]), ...lines].join('\n')
}
