/** Print formats: a beginning made of the fields, what can be put in, and keeping them. */
import { methodUrl, read, write } from './http'

const LAYOUT = [
  'Section Break',
  'Column Break',
  'Tab Break',
  'HTML',
  'Button',
  'Heading',
  'Fold',
  'Image',
  'Password',
]
const TABLES = ['Table', 'Table MultiSelect']
const shown = (field) =>
  !LAYOUT.includes(field.fieldtype) && !Number(field.hidden) && !Number(field.print_hide)

/** What a template says for a field, formatted as the framework prints it. */
export const placeholder = (field) => `{{ doc.get_formatted("${field.fieldname}") or "" }}`

/** A table of a record's rows as a template. */
export function rowsTemplate(table, child) {
  const columns = child.fields.filter((field) => shown(field) && Number(field.in_list_view))
  const heads = columns.map((field) => `<th>{{ _("${field.label}") }}</th>`).join('')
  const cells = columns
    .map((field) => `<td>{{ row.get_formatted("${field.fieldname}", doc) or "" }}</td>`)
    .join('')
  return `<table class="rows">\n<tr>${heads}</tr>\n{% for row in doc.${table.fieldname} %}<tr>${cells}</tr>\n{% endfor %}</table>`
}

/** A first form: the title, then each field with its label, two beside each other; tables below. */
export function firstTemplate(meta, children) {
  const fields = meta.fields.filter((field) => shown(field) && !TABLES.includes(field.fieldtype))
  const cells = fields.map((field) => `<th>{{ _("${field.label}") }}</th><td>${placeholder(field)}</td>`)
  const lines = []
  for (let place = 0; place < cells.length; place += 2)
    lines.push(`<tr>${cells[place]}${cells[place + 1] ?? '<th></th><td></td>'}</tr>`)
  const tables = meta.fields
    .filter((field) => TABLES.includes(field.fieldtype) && children[field.options])
    .map((field) => `<h2>{{ _("${field.label}") }}</h2>\n${rowsTemplate(field, children[field.options])}`)
  return [
    `<h1>{{ _("${meta.name}") }}</h1>`,
    `<table class="values">\n${lines.join('\n')}\n</table>`,
    ...tables,
  ].join('\n')
}

export const FIRST_STYLE = `h1 { text-align: center; font-size: 16pt; }
h2 { font-size: 11pt; }
table { width: 100%; margin: 6px 0; }
th, td { border: 1px solid #666; padding: 4px 6px; text-align: left; vertical-align: top; }
.values th { width: 18%; background: #f3f3f3; font-weight: normal; }`

/** What can be put into the template. */
export const pieces = (meta, children) =>
  meta.fields
    .filter(shown)
    .map((field) =>
      TABLES.includes(field.fieldtype)
        ? {
            label: field.label,
            parent: meta.name,
            text: children[field.options] ? rowsTemplate(field, children[field.options]) : '',
          }
        : { label: field.label, parent: meta.name, text: placeholder(field) },
    )
    .filter((piece) => piece.text)

export const formats = () =>
  read('frappe.client.get_list', {
    doctype: 'Print Format',
    fields: ['name', 'doc_type', 'standard', 'disabled', 'modified'],
    filters: { print_format_type: 'Jinja' },
    order_by: 'doc_type, name',
    limit_page_length: 0,
  })
export const loadFormat = (name) => read('frappe.client.get', { doctype: 'Print Format', name })
export const preview = (question) => write('medaffairs.face.paper.preview', question)

/** Keeps a format, a new one or one of the hospital's own again. */
export function keepFormat({ name, isNew, doc_type, html, css, disabled }) {
  const values = { html, css, disabled: Number(disabled), custom_format: 1 }
  if (!isNew) return write('frappe.client.set_value', { doctype: 'Print Format', name, fieldname: values })
  return write('frappe.client.insert', {
    doc: { doctype: 'Print Format', name, doc_type, print_format_type: 'Jinja', standard: 'No', ...values },
  })
}

export const pdfOf = (doctype, name, format) =>
  methodUrl('frappe.utils.print_format.download_pdf', { doctype, name, format })
