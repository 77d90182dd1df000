import { describe, expect, it } from 'vitest'
import { arrange, placed, unused, widened } from '../src/lib/boards'
import { behindGroup, builtColumns, fromReport, question, toReport, totalsOf } from '../src/lib/builder'
import { cellText, reportPage } from '../src/lib/paper'
import { chartOf, isTree, openRows, pivot } from '../src/lib/pivot'
import { lookFromQuery, lookToQuery } from '../src/lib/report'
import { chartTarget } from '../src/lib/workspace'

const columns = [
  { fieldname: 'dept', fieldtype: 'Data', label: 'Department' },
  { fieldname: 'kind', fieldtype: 'Data', label: 'Kind' },
  { fieldname: 'points', fieldtype: 'Int', label: 'Points' },
]
const rows = [
  { dept: 'A', kind: 'x', points: 1 },
  { dept: 'A', kind: 'y', points: 2 },
  { dept: 'B', kind: 'x', points: 4 },
  { dept: 'A', kind: 'x', points: 8 },
]

describe('a pivot', () => {
  it('sums by two columns, and its totals are those of the rows', () => {
    const turned = pivot(rows, { row: 'dept', column: 'kind', value: 'points', how: 'sum' }, columns)
    expect(turned.columns.map((column) => column.label)).toEqual(['Department', 'x', 'y', 'Total'])
    expect(turned.rows).toEqual([
      { dept: 'A', c0: 9, c1: 2, __total: 11 },
      { dept: 'B', c0: 4, c1: null, __total: 4 },
    ])
    expect(turned.total.__total).toBe(15)
  })
  it('counts and averages', () => {
    expect(pivot(rows, { row: 'dept', how: 'count' }, columns).rows.map((row) => row.__total)).toEqual([3, 1])
    expect(
      pivot(rows, { row: 'kind', value: 'points', how: 'avg' }, columns).rows.map((row) => row.__total),
    ).toEqual([4.33, 2])
  })
})

describe('a chart of rows', () => {
  it('shows the largest first, days in their order', () => {
    expect(chartOf(rows, columns, { type: 'bar', x: 'dept', y: 'points' }).data).toEqual({
      labels: ['A', 'B'],
      datasets: [{ name: 'Points', values: [11, 4] }],
    })
    const days = [{ day: '2026-02-01' }, { day: '2026-01-01' }, { day: '2026-02-01' }]
    expect(
      chartOf(days, [{ fieldname: 'day', fieldtype: 'Date' }], { type: 'line', x: 'day' }).data.labels,
    ).toEqual(['2026-01-01', '2026-02-01'])
    expect(chartOf(rows, columns, { type: '', x: 'dept' })).toBeNull()
  })
})

describe('rows of a tree', () => {
  const tree = [{ indent: 0 }, { indent: 1 }, { indent: 2 }, { indent: 1 }, { indent: 0 }]
  it('hide what is below a closed one', () => {
    expect(openRows(tree, new Set()).map((entry) => entry.parent)).toEqual([true, true, false, false, false])
    expect(openRows(tree, new Set([tree[1]])).map((entry) => entry.row)).toEqual([
      tree[0],
      tree[1],
      tree[3],
      tree[4],
    ])
    expect(openRows(tree, new Set([tree[0]])).map((entry) => entry.row)).toEqual([tree[0], tree[4]])
    expect([isTree(tree), isTree(rows)]).toEqual([true, false])
  })
})

describe('a built report', () => {
  const built = {
    columns: ['title', 'status'],
    filters: [
      ['status', '=', 'Open'],
      ['title', 'like', '手术'],
    ],
    sort: ['creation', 'asc'],
    group: { by: '', how: 'count', on: '' },
    totals: true,
    chart: '',
  }
  it('comes back as it was kept', () => {
    expect(fromReport(JSON.stringify(toReport(built, 'Task')), 'Task')).toEqual(built)
    const grouped = { ...built, group: { by: 'status', how: 'sum', on: 'points' }, chart: 'pie' }
    expect(fromReport(toReport(grouped, 'Task'), 'Task')).toEqual(grouped)
  })
  it('reads what the desk has kept, columns of other tables aside', () => {
    const kept = fromReport(
      { fields: [['name', 'Task'], ['item', 'Task Row']], order_by: '`tabTask`.`modified` desc', filters: [] }, // prettier-ignore
      'Task',
    )
    expect([kept.columns, kept.sort]).toEqual([['name'], ['modified', 'desc']])
    expect(fromReport('not json', 'Task').columns).toEqual([])
  })
  it('asks for its columns, or for a figure per group', () => {
    expect(JSON.parse(question(built, 'Task').fields)).toEqual([
      '`tabTask`.`name`',
      '`tabTask`.`title`',
      '`tabTask`.`status`',
    ])
    const grouped = { ...built, group: { by: 'status', how: 'count', on: '' } }
    expect(question(grouped, 'Task')).toMatchObject({
      group_by: '`tabTask`.`status`',
      order_by: '_aggregate_column desc',
    })
    expect(behindGroup('Task', grouped, { status: 'Open' }).filters.at(-1)).toEqual(['status', '=', 'Open'])
    expect(behindGroup('Task', grouped, { status: null }).filters.at(-1)).toEqual(['status', 'is', 'not set'])
    expect(builtColumns(grouped, []).at(-1).fieldtype).toBe('Int')
  })
  it('sums what can be summed', () => {
    expect(totalsOf(rows, columns)).toEqual({ points: 15 })
    expect(totalsOf(rows, columns.slice(0, 2))).toBeNull()
  })
})

describe('a report on paper', () => {
  it('shows values as text only', () => {
    const html = reportPage({
      title: '<T>',
      filters: [['From', '2026-01-01']],
      columns,
      rows: [{ dept: '<script>', points: 3, indent: 1 }],
      total: { points: 3 },
    })
    expect(html).not.toContain('<script>')
    expect(html).toContain('&lt;T&gt;')
    expect(html).toContain('padding-left')
    expect(cellText({ points: 1200 }, columns[2])).toBe('1,200')
  })
})

describe('a board', () => {
  const items = arrange([
    { kind: 'card', name: 'a', width: 1 },
    { kind: 'chart', name: 'b', width: 4 },
  ])
  it('is arranged', () => {
    expect(placed(items, 0, 1).map((item) => item.name)).toEqual(['b', 'a'])
    expect(placed(items, 0, 2)).toBe(items)
    expect(widened(items, 0)[0].width).toBe(2)
    expect(widened(items, 1)[1].width).toBe(2)
  })
  it('offers what is not on it yet', () => {
    const choices = { card: [{ name: 'a', label: 'A' }, { name: 'c', label: 'C' }], chart: [{ name: 'b', label: 'B' }] } // prettier-ignore
    expect(unused(choices, items)).toEqual({ card: [{ name: 'c', label: 'C' }] })
    expect(unused(choices, [], 'b')).toEqual({ chart: [{ name: 'b', label: 'B' }] })
  })
})

describe('how a report is looked at', () => {
  it('stands in the address beside its filters', () => {
    const look = { row: 'dept', how: 'sum', value: 'points' }
    expect(lookFromQuery({ ...lookToQuery(look), from_date: '2026-01-01' })).toEqual(look)
  })
  it('goes on to the records behind a bar', () => {
    const doc = {
      chart_type: 'Group By',
      document_type: 'Task',
      group_by_based_on: 'status',
      filters_json: '[]',
    }
    expect(chartTarget(doc, 'Open')).toEqual({
      name: 'List',
      params: { doctype: 'Task' },
      query: { status: 'Open' },
    })
    expect(chartTarget({ chart_type: 'Report', report_name: 'R' }, 'x').name).toBe('Report')
    expect(chartTarget(null, 'x')).toBeNull()
  })
})
