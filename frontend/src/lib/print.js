/** Paper: where a record is printed, and in which forms. */
import { methodUrl } from './http'

/**
 * The address of a record's print; without a format the DocType's own.
 * @param {{format?: string, head?: string, lang?: string}} options `head` '' prints without a letter head
 */
export function printUrl(doctype, name, { format = '', head, lang } = {}) {
  const query = new URLSearchParams({ doctype, name: String(name) })
  if (format) query.set('format', format)
  if (head) query.set('letterhead', head)
  else if (head === '') query.set('no_letterhead', '1')
  if (lang) query.set('_lang', lang)
  return `/printview?${query}`
}

/** The same as a PDF. */
export function pdfUrl(doctype, name, { format = '', head, lang } = {}) {
  return methodUrl('frappe.utils.print_format.download_pdf', {
    doctype,
    name: String(name),
    format: format || undefined,
    letterhead: head || undefined,
    no_letterhead: head === '' ? 1 : 0,
    language: lang,
  })
}

/**
 * The forms in which a record can be printed: those made for its DocType, the default first; the general layout
 * when there are none.
 * @param {{name: string, default_print_format?: string, __print_formats?: {name: string}[]}} meta
 * @returns {{format: string, url: string}[]}
 */
export function printChoices(meta, name) {
  if (!meta) return []
  const formats = (meta.__print_formats ?? []).map((format) => format.name)
  const first = meta.default_print_format
  const ordered = [...formats].sort((a, b) => Number(b === first) - Number(a === first))
  return (ordered.length ? ordered : ['']).map((format) => ({
    format,
    url: printUrl(meta.name, name, { format }),
  }))
}
