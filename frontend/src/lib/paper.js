/** A report as a page for a PDF: nothing in it is loaded from anywhere. */
import { boot } from './boot'
import { display, isNumeric } from './format'
import { titleOf } from './links'

const escaped = (text) =>
  String(text ?? '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')

const STYLE = `body{font-family:'Noto Sans CJK SC','Microsoft YaHei',sans-serif;font-size:9pt;color:#111}
h1{font-size:14pt;margin:0}p{margin:4px 0;color:#444}table{border-collapse:collapse;width:100%;margin-top:8px}
th,td{border:1px solid #999;padding:3px 5px;text-align:left;vertical-align:top}.n{text-align:right}
thead{display:table-header-group}tr{page-break-inside:avoid}tfoot td{font-weight:bold}`

/** The text of a cell as the page shows it. */
export function cellText(row, column) {
  const value = row[column.fieldname]
  const target = column.fieldtype === 'Dynamic Link' ? row[column.options] : column.options
  if (value && target && ['Link', 'Dynamic Link'].includes(column.fieldtype)) return titleOf(target, value)
  return display(value, column)
}

/**
 * @param {{title: string, filters: [string, string][], columns: object[], rows: object[], total: object | null}} report
 * @returns {string} HTML
 */
export function reportPage({ title, filters, columns, rows, total }) {
  const cell = (row, column, tag = 'td') =>
    `<${tag}${isNumeric(column) ? ' class="n"' : ''}>${escaped(cellText(row, column))}</${tag}>`
  const line = (row) => {
    const indent = Number(row.indent) || 0
    return `<tr>${columns
      .map((column, place) =>
        place || !indent
          ? cell(row, column)
          : cell(row, column).replace('<td', `<td style="padding-left:${indent * 12 + 5}px"`),
      )
      .join('')}</tr>`
  }
  const head = columns
    .map(
      (column) =>
        `<th${isNumeric(column) ? ' class="n"' : ''}>${escaped(__(column.label, null, column.parent))}</th>`,
    )
    .join('')
  return `<html><head><meta charset="utf-8"><style>${STYLE}</style></head><body>
<h1>${escaped(title)}</h1><p>${escaped(boot.hospital)} · ${escaped(boot.full_name)} · ${new Date().toLocaleString('zh-CN')}</p>
<p>${filters.map(([label, value]) => `${escaped(label)}：${escaped(value)}`).join('　')}</p>
<table><thead><tr>${head}</tr></thead><tbody>${rows.map(line).join('')}</tbody>
${total ? `<tfoot>${line(total)}</tfoot>` : ''}</table></body></html>`
}
