import { describe, expect, it } from 'vitest'
import { LEFT_OUT, failures, faults, mapping, progressOf, targets, withField } from '../src/lib/import'
import { firstTemplate, pieces, rowsTemplate } from '../src/lib/paper-format'

const answer = {
  columns: [
    { header_title: 'Sr. No', skip_import: true },
    { index: 0, column_number: 1, header_title: '名称', df: { fieldname: 'title' } },
    {
      index: 1,
      column_number: 2,
      header_title: '项目',
      df: { fieldname: 'item' },
      is_child_table_field: true,
      child_table_df: { fieldname: 'rows' },
    },
    { index: 2, column_number: 3, header_title: '其他', skip_import: true },
  ],
  warnings: [
    { col: 1, message: 'hint', type: 'info' },
    { row: 3, message: 'wrong' },
  ],
}

describe('a table to be imported', () => {
  it('says where each column goes', () => {
    expect(mapping(answer).map(({ title, field, missing }) => [title, field, missing])).toEqual([
      ['名称', 'title', false],
      ['项目', 'rows.item', false],
      ['其他', LEFT_OUT, true],
    ])
    const chosen = withField(withField(null, 2, 'note'), 0, LEFT_OUT)
    expect(mapping(answer, chosen).map(({ field }) => field)).toEqual([LEFT_OUT, 'rows.item', 'note'])
  })
  it('is stopped by faults, not by hints', () =>
    expect(faults(answer).map((row) => row.message)).toEqual(['wrong']))
  it('goes to fields of the record and of its rows', () => {
    const meta = {
      name: 'X',
      fields: [
        { fieldname: 'title', fieldtype: 'Data', label: 'Title' },
        { fieldname: 's', fieldtype: 'Section Break' },
        { fieldname: 'rows', fieldtype: 'Table', options: 'Row', label: 'Rows' },
      ],
    }
    const children = { Row: { fields: [{ fieldname: 'item', fieldtype: 'Data', label: 'Item' }] } }
    expect(targets(meta, children).map((entry) => entry.value)).toEqual(['name', 'title', 'rows.item'])
  })
})

describe('an import', () => {
  it('is as far as its rows', () => {
    expect(progressOf({ status: 'Pending', success: 3, failed: 1, total_records: 8 }, true)).toMatchObject({
      running: true,
      done: 4,
      share: 0.5,
    })
    expect(progressOf({ status: 'Pending' }, false).running).toBe(false)
    expect(progressOf({ status: 'Success', success: 8, total_records: 8 }, true).running).toBe(false)
    expect(progressOf(null, true)).toMatchObject({ running: false, share: 0 })
  })
  it('names the rows that went wrong and why', () => {
    const rows = [
      { success: 1, row_indexes: '[2]' },
      { success: 0, row_indexes: '[3]', messages: JSON.stringify([JSON.stringify({ message: '缺少名称' })]) },
      { success: 0, row_indexes: '[4, 5]', messages: '[]', exception: 'Traceback\nValueError: x' },
    ]
    expect(failures(rows)).toEqual([
      { rows: [3], text: '缺少名称' },
      { rows: [4, 5], text: 'ValueError: x' },
    ])
  })
})

describe('a first print format', () => {
  const meta = {
    name: 'Thing',
    fields: [
      { fieldname: 'title', fieldtype: 'Data', label: 'Title' },
      { fieldname: 'secret', fieldtype: 'Password', label: 'Secret' },
      { fieldname: 'hidden', fieldtype: 'Data', label: 'Hidden', print_hide: 1 },
      { fieldname: 'rows', fieldtype: 'Table', options: 'Row', label: 'Rows' },
    ],
  }
  const children = {
    Row: { fields: [{ fieldname: 'item', fieldtype: 'Data', label: 'Item', in_list_view: 1 }] },
  }
  it('holds what may be printed, and nothing else', () => {
    const html = firstTemplate(meta, children)
    expect(html).toContain('doc.get_formatted("title")')
    expect(html).toContain('for row in doc.rows')
    expect(html).not.toMatch(/secret|hidden/)
    expect(pieces(meta, children).map((piece) => piece.label)).toEqual(['Title', 'Rows'])
    expect(rowsTemplate(meta.fields[3], children.Row)).toContain('<th>{{ _("Item") }}</th>')
  })
})
