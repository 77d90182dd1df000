/** Paper: where a record is printed, and in which forms. */

/** The address of a record's print; without a format the DocType's own. */
export function printUrl(doctype, name, format = '') {
  const query = new URLSearchParams({ doctype, name: String(name) })
  if (format) query.set('format', format)
  return `/printview?${query}`
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
    url: printUrl(meta.name, name, format),
  }))
}
