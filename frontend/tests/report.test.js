import { describe, expect, it } from 'vitest'
import {
  chartOption,
  filterDefault,
  filtersFromQuery,
  normalizeColumns,
  normalizeRows,
  rowsBehind,
  sortRows,
} from '../src/lib/report'

describe('columns', () => {
  it('reads the short text form', () => {
    expect(normalizeColumns(['Grant Count:Int:90', 'Doctor:Link/Practitioner:120'])).toEqual([
      { label: 'Grant Count', fieldname: 'grant_count', fieldtype: 'Int', options: undefined, width: 90 },
      { label: 'Doctor', fieldname: 'doctor', fieldtype: 'Link', options: 'Practitioner', width: 120 },
    ])
  })
  it('leaves hidden columns out', () => {
    expect(
      normalizeColumns([
        { label: 'A', fieldname: 'a', hidden: 1 },
        { label: 'B', fieldname: 'b' },
      ]),
    ).toHaveLength(1)
  })
})

describe('rows', () => {
  const columns = normalizeColumns(['Name', 'Count:Int'])
  it('turns lists into objects and drops empty rows', () => {
    expect(normalizeRows([['外科', 3], [], {}, null], columns)).toEqual([{ name: '外科', count: 3 }])
  })
  it('keeps empty values last in both directions', () => {
    const rows = [{ n: 2 }, { n: null }, { n: 10 }]
    expect(sortRows(rows, 'n').map((row) => row.n)).toEqual([2, 10, null])
    expect(sortRows(rows, 'n', true).map((row) => row.n)).toEqual([10, 2, null])
  })
  it('finds the rows behind a slice of the chart', () => {
    const rows = [
      { name: '外科', count: 3 },
      { name: '内科', count: 4 },
    ]
    expect(rowsBehind(rows, columns, '内科')).toEqual([rows[1]])
    expect(rowsBehind(rows, columns, '')).toEqual(rows)
  })
})

describe('charts', () => {
  const data = { labels: ['一月', '二月'], datasets: [{ name: 'Acts', values: [1, 2] }] }
  it('draws bars, lines and slices', () => {
    expect(chartOption({ data, type: 'bar' }).series[0]).toMatchObject({ type: 'bar', data: [1, 2] })
    expect(chartOption({ data, type: 'line' }).series[0].type).toBe('line')
    expect(chartOption({ data, type: 'donut' }).series[0].data[1]).toEqual({ name: '二月', value: 2 })
  })
  it('has nothing to draw without data', () => {
    expect(chartOption({ data: { labels: [], datasets: [] } })).toBeNull()
    expect(chartOption(null)).toBeNull()
  })
})

describe('filters', () => {
  it('takes only known filters from the address', () => {
    expect(filtersFromQuery({ year: '2026', evil: 'x' }, [{ fieldname: 'year' }])).toEqual({ year: '2026' })
  })
  it('knows the words for dates', () => {
    expect(filterDefault({ default: 'Year Start' })).toBe(`${new Date().getFullYear()}-01-01`)
    expect(filterDefault({ default: 'Active' })).toBe('Active')
  })
})
