import { beforeEach, describe, expect, it } from 'vitest'
import { boot } from '../src/lib/boot'
import {
  filtersFromQuery,
  filtersToQuery,
  listColumns,
  operatorsFor,
  rights,
  searchFilters,
  serverFilters,
  standardFilters,
  unpack,
} from '../src/lib/list'

const meta = {
  name: 'Procedure',
  title_field: 'procedure_name',
  search_fields: 'procedure_code, pinyin_initials',
  fields: [
    { fieldname: 'section', fieldtype: 'Section Break' },
    { fieldname: 'procedure_code', fieldtype: 'Data', in_list_view: 1 },
    { fieldname: 'procedure_name', fieldtype: 'Data', in_list_view: 1 },
    { fieldname: 'status', fieldtype: 'Select', in_standard_filter: 1, in_list_view: 1 },
    { fieldname: 'secret', fieldtype: 'Data', permlevel: 1, in_list_view: 1 },
    { fieldname: 'levels', fieldtype: 'Table', in_list_view: 1 },
  ],
  permissions: [
    { role: 'Officer', permlevel: 0, read: 1, create: 1, export: 1 },
    { role: 'Manager', permlevel: 1, read: 1 },
  ],
}

beforeEach(() => (boot.roles = ['Officer']))

describe('columns', () => {
  it('start with the title and leave layout, tables and hidden levels out', () => {
    expect(listColumns(meta).map((column) => column.fieldname)).toEqual([
      'procedure_name',
      'procedure_code',
      'status',
      'modified',
    ])
  })
  it('show a level to those who may read it', () => {
    boot.roles = ['Officer', 'Manager']
    expect(listColumns(meta).map((column) => column.fieldname)).toContain('secret')
  })
})

describe('filters', () => {
  it('go into the address and come back', () => {
    const filters = [
      ['status', '=', 'Active'],
      ['modified', '>=', '2026-01-01'],
      ['modified', '<=', '2026-12-31'],
    ]
    expect(filtersFromQuery(filtersToQuery(filters), meta)).toEqual(filters)
  })
  it('ignore what is no field', () => {
    expect(filtersFromQuery({ evil: '1', status: 'Active' }, meta)).toEqual([['status', '=', 'Active']])
  })
  it('become patterns where a person means contains', () => {
    expect(serverFilters('Procedure', [['procedure_name', 'like', '胆囊']])).toEqual([
      ['Procedure', 'procedure_name', 'like', '%胆囊%'],
    ])
  })
  it('offer operators that fit the type', () => {
    expect(operatorsFor({ fieldtype: 'Date' })).toContain('<=')
    expect(operatorsFor({ fieldtype: 'Check' })).toEqual(['='])
    expect(standardFilters(meta).map((field) => field.fieldname)).toEqual(['status'])
  })
})

it('searches name, title and search fields', () => {
  expect(searchFilters(meta, 'dn').map((filter) => filter[1])).toEqual([
    'name',
    'procedure_name',
    'procedure_code',
    'pinyin_initials',
  ])
  expect(searchFilters(meta, '')).toEqual([])
})

it('reads the compact answer', () => {
  expect(unpack({ keys: ['name', 'n'], values: [['a', 1]] })).toEqual([{ name: 'a', n: 1 }])
  expect(unpack([])).toEqual([])
})

it('derives rights from roles', () => {
  expect(rights(meta)).toMatchObject({ create: true, export: true, delete: false })
})
