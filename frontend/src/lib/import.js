/** Tables that are imported: which column goes to which field, how far it is, what went wrong with which row. */
import { methodUrl, read, write } from './http'

const MODULE = 'frappe.core.doctype.data_import.data_import'
export const KINDS = ['Insert New Records', 'Update Existing Records']
/** What the framework calls a column that is left out. */
export const LEFT_OUT = "Don't Import"
const LAYOUT = ['Section Break', 'Column Break', 'Tab Break', 'HTML', 'Button', 'Heading', 'Fold', 'Image']

export const begin = (doctype, kind) =>
  write('frappe.client.insert', {
    doc: { doctype: 'Data Import', reference_doctype: doctype, import_type: kind, mute_emails: 1 },
  })
export const change = (name, values) =>
  write('frappe.client.set_value', { doctype: 'Data Import', name, fieldname: values })
export const load = (name) => read('frappe.client.get', { doctype: 'Data Import', name })
export const preview = (name) => read(`${MODULE}.get_preview_from_template`, { data_import: name })
export const start = (name) => write(`${MODULE}.form_start_import`, { data_import: name })
export const status = (name) => read(`${MODULE}.get_import_status`, { data_import_name: name })
export const logs = (name) => read(`${MODULE}.get_import_logs`, { data_import: name })
export const erroredUrl = (name) =>
  methodUrl(`${MODULE}.download_errored_template`, { data_import_name: name })
export const templateUrl = (doctype, kind) =>
  methodUrl(`${MODULE}.download_template`, {
    doctype,
    export_fields: 'All',
    export_records: kind === KINDS[0] ? 'blank_template' : 'all',
    file_type: 'Excel',
  })

const parse = (text) => {
  try {
    return (typeof text === 'string' ? JSON.parse(text) : text) ?? {}
  } catch {
    return {}
  }
}

/**
 * Columns of the file with the field that each goes to; the line numbers are no column.
 * @returns {{index: number, title: string, field: string, missing: boolean, warnings: string[]}[]}
 */
export function mapping(answer, options = {}) {
  const chosen = parse(options).column_to_field_map ?? {}
  return (answer?.columns ?? [])
    .filter((column) => column.index !== undefined && column.index !== null)
    .map((column) => {
      const path = column.is_child_table_field
        ? `${column.child_table_df.fieldname}.${column.df?.fieldname}`
        : (column.df?.fieldname ?? '')
      const field = chosen[column.index] ?? (column.skip_import ? LEFT_OUT : path)
      return {
        index: column.index,
        title: column.header_title ?? '',
        field: field || LEFT_OUT,
        missing: !column.df && !chosen[column.index],
        warnings: (answer.warnings ?? [])
          .filter((row) => Number(row.col) === column.column_number)
          .map((row) => row.message),
      }
    })
}

/** The options that the framework keeps for a mapping. */
export const withField = (options, index, field) => {
  const known = parse(options)
  return JSON.stringify({
    ...known,
    column_to_field_map: { ...(known.column_to_field_map ?? {}), [index]: field },
  })
}

/** Fields that a column may go to: those of the record, then those of its tables. */
export function targets(meta, children) {
  const own = meta.fields
    .filter(
      (field) =>
        !LAYOUT.includes(field.fieldtype) && !['Table', 'Table MultiSelect'].includes(field.fieldtype),
    )
    .map((field) => ({ value: field.fieldname, label: __(field.label, null, meta.name) }))
  const rows = meta.fields
    .filter((field) => ['Table', 'Table MultiSelect'].includes(field.fieldtype) && children[field.options])
    .flatMap((table) =>
      children[table.options].fields
        .filter((field) => !LAYOUT.includes(field.fieldtype))
        .map((field) => ({
          value: `${table.fieldname}.${field.fieldname}`,
          label: `${__(table.label, null, meta.name)} · ${__(field.label, null, field.parent)}`,
        })),
    )
  return [{ value: 'name', label: 'ID' }, ...own, ...rows]
}

/** What stops an import, in words; hints do not stop it. */
export const faults = (answer) => (answer?.warnings ?? []).filter((row) => row.type !== 'info')

/** How far an import is. @returns {{running: boolean, done: number, total: number, failed: number, share: number}} */
export function progressOf(answer, started) {
  const failed = Number(answer?.failed) || 0
  const done = failed + (Number(answer?.success) || 0)
  const total = Number(answer?.total_records) || 0
  return {
    running: Boolean(started) && answer?.status === 'Pending',
    failed,
    done,
    total,
    share: total ? Math.min(1, done / total) : 0,
  }
}

/** One line for each row of the file that went wrong. */
export function failures(rows) {
  return rows
    .filter((row) => !Number(row.success))
    .map((row) => {
      const messages = parse(row.messages)
      const words = (Array.isArray(messages) ? messages : [])
        .map((entry) => parse(entry))
        .map((entry) => entry.message ?? entry.title ?? '')
        .filter(Boolean)
      const lines = String(row.exception ?? '')
        .trim()
        .split('\n')
      return { rows: [].concat(parse(row.row_indexes)), text: words.join('；') || lines.at(-1) }
    })
}

const KEY = 'import-running:'
/** That an import was started is kept, because its record says "pending" before and during it. */
export const noteStarted = (name) => sessionStorage.setItem(KEY + name, '1')
export const wasStarted = (name) => Boolean(sessionStorage.getItem(KEY + name))
export const noteEnded = (name) => sessionStorage.removeItem(KEY + name)
