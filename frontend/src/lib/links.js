/** Titles behind links: one small cache for lists, forms and reports. */
import { reactive } from 'vue'
import { read } from './http'

const titles = reactive({})
const key = (doctype, name) => `${doctype}::${name}`

/** Keeps titles that a server answer brought along (`_link_titles`: {"DocType::name": title}). */
export function keepTitles(entries) {
  for (const [id, title] of Object.entries(entries ?? {})) if (title) titles[id] = title
}

export const keepTitle = (doctype, name, title) => title && (titles[key(doctype, name)] = title)

/** The title of a record, or its name while nothing better is known. */
export const titleOf = (doctype, name) => titles[key(doctype, name)] || name

/**
 * Records that a person may mean: by name, title, pinyin initials, whatever the DocType lists as search fields.
 * @returns {Promise<{value: string, label: string, description: string}[]>}
 */
export async function searchLink(doctype, text, { filters, reference } = {}) {
  const answer = await read('frappe.desk.search.search_link', {
    doctype,
    txt: text,
    page_length: 12,
    filters,
    reference_doctype: reference,
  })
  const rows = Array.isArray(answer) ? answer : (answer.results ?? [])
  for (const row of rows) keepTitle(doctype, row.value, row.label)
  return rows
}

/** Finds the title of a link that came without one. */
export async function loadTitle(doctype, name) {
  if (!doctype || !name || titles[key(doctype, name)]) return
  titles[key(doctype, name)] = name
  const title = await read('frappe.desk.search.get_link_title', { doctype, docname: name }).catch(() => '')
  keepTitle(doctype, name, title)
}

const MOST_NAMES = 500

/** Titles of the records that rows link to, one question per DocType and five hundred of them. */
export async function loadTitles(rows, columns) {
  for (const { fieldname, options } of columns.filter((column) => column.fieldtype === 'Link')) {
    const wanted = [...new Set(rows.map((row) => row[fieldname]))].filter(
      (name) => name && !titles[key(options, name)],
    )
    for (let start = 0; start < wanted.length; start += MOST_NAMES) {
      const names = wanted.slice(start, start + MOST_NAMES)
      const found = await read('medaffairs.face.api.link_titles', { doctype: options, names }).catch(
        () => ({}),
      )
      for (const [name, title] of Object.entries(found)) keepTitle(options, name, title)
    }
  }
}
