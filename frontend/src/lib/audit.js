/** The access log: how its page asks and how it says what a verification found. */
import { methodUrl, read, write } from './http'

const API = 'medaffairs.audit.api'
export const PAGE = 50

/** What the log can be searched by, in the order of the page. */
export const FILTERS = [
  { fieldname: 'user', label: 'User', fieldtype: 'Link', options: 'User' },
  { fieldname: 'action', label: 'Action', fieldtype: 'Select' },
  { fieldname: 'outcome', label: 'Outcome', fieldtype: 'Select' },
  { fieldname: 'door', label: 'Door', fieldtype: 'Select' },
  { fieldname: 'target_type', label: 'Target Type', fieldtype: 'Select' },
  { fieldname: 'target_name', label: 'Target contains', fieldtype: 'Data' },
  { fieldname: 'text', label: 'Filters contain', fieldtype: 'Data' },
  { fieldname: 'ip', label: 'IP Address', fieldtype: 'Data' },
  { fieldname: 'from_time', label: 'From', fieldtype: 'Datetime' },
  { fieldname: 'to_time', label: 'To', fieldtype: 'Datetime' },
]

const given = (filters) =>
  Object.fromEntries(
    FILTERS.map(({ fieldname }) => [fieldname, filters[fieldname]]).filter(
      ([, value]) => value !== null && value !== undefined && value !== '',
    ),
  )

/** Filters as an address keeps them, and back: unknown names are left out. */
export const auditFilters = given

export const search = (filters, start) =>
  read(`${API}.search`, { filters: given(filters), start, page_length: PAGE })
export const choices = () => read(`${API}.choices`)
export const verify = () => write(`${API}.verify`)
export const seal = () => write(`${API}.seal`)
export const exportUrl = (filters, format) =>
  methodUrl(`${API}.export`, { filters: given(filters), file_format: format })

export const seals = () =>
  read('frappe.client.get_list', {
    doctype: 'Audit Seal',
    fields: [
      'name',
      'sealed_on',
      'first_sequence',
      'last_sequence',
      'record_count',
      'head_hash',
      'export_file',
    ],
    order_by: 'last_sequence desc',
    limit_page_length: 60,
  })

export const BREAK_WORDS = {
  missing: 'Records are missing from here on.',
  'previous hash': 'It does not follow from the record before it: a record was removed or inserted.',
  content: 'Its content was changed after it was written.',
  seal: 'It differs from what was sealed: the log was rewritten.',
}

/**
 * What a verification found, in words.
 * @param {{intact: boolean, records: number, first_sequence: number, last_sequence: number, seals: number, broken_at: number, reason: string}} verdict
 * @returns {{tone: string, title: string, text: string}}
 */
export function verdictWords(verdict) {
  if (!verdict.intact)
    return {
      tone: 'red',
      title: __('The log was tampered with: record {0} is the first that is wrong', [verdict.broken_at]),
      text: __(BREAK_WORDS[verdict.reason] ?? verdict.reason),
    }
  return {
    tone: 'green',
    title: __('The log is complete and unchanged'),
    text: __('{0} records were checked, from number {1} to {2}, against {3} seals.', [
      verdict.records.toLocaleString('en-US'),
      verdict.first_sequence,
      verdict.last_sequence,
      verdict.seals,
    ]),
  }
}

/** The filters of a request, laid out for reading; what is no JSON is shown as it is. */
export function readable(filters) {
  try {
    return JSON.stringify(JSON.parse(filters), null, 2)
  } catch {
    return filters ?? ''
  }
}
