/** Rows as a file, by the host's own export: labels, rights and its record of who exported what come from there. */
import { boot } from './boot'
import { ServerError, messagesOf } from './http'

const PATH = '/api/method/frappe.desk.reportview.export_query'

const fileName = (response, fallback) => {
  const header = response.headers.get('content-disposition') ?? ''
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(header)?.[1]
  const plain = /filename="?([^";]+)"?/i.exec(header)?.[1]
  try {
    return decodeURIComponent(encoded ?? plain ?? fallback)
  } catch {
    return fallback
  }
}

/**
 * What the export is asked for. Lists travel as JSON texts, because the host reads them so.
 * @param {string} doctype
 * @param {object[]} columns
 * @param {'Excel' | 'CSV'} format
 * @param {{names?: string[], filters?: Array[], or_filters?: Array[], sort: [string, string][]}} rows
 */
export function exportQuestion(doctype, columns, format, { names, filters, or_filters: either, sort }) {
  const column = (field) => `\`tab${doctype}\`.\`${field}\``
  const fields = [...new Set(['name', ...columns.map((entry) => entry.fieldname)])].map(column)
  return {
    doctype,
    title: doctype,
    file_format_type: format,
    view: 'Report',
    fields: JSON.stringify(fields),
    filters: JSON.stringify(filters ?? []),
    ...(either?.length ? { or_filters: JSON.stringify(either) } : {}),
    ...(names ? { selected_items: JSON.stringify(names) } : {}),
    order_by:
      sort.map(([field, direction]) => `${column(field)} ${direction}`).join(', ') ||
      `${column('modified')} desc`,
  }
}

/** Fetches the file and hands it to the browser. */
export async function exportRows(doctype, columns, format, rows) {
  const response = await fetch(PATH, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json', 'X-Frappe-CSRF-Token': boot.csrf_token ?? '' },
    body: JSON.stringify(exportQuestion(doctype, columns, format, rows)),
  })
  if (!response.ok) {
    const words = messagesOf(await response.json().catch(() => ({})))
    throw new ServerError(words.join('\n') || __('The server could not do this.'), {
      status: response.status,
    })
  }
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await response.blob())
  link.download = fileName(response, `${doctype}.${format === 'CSV' ? 'csv' : 'xlsx'}`)
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
