import { beforeEach, describe, expect, it } from 'vitest'
import { boot } from '../src/lib/boot'
import {
  filtersFromQuery,
  facetFields,
  filtersToQuery,
  chosenColumns,
  listColumns,
  operatorsFor,
  rights,
  standardFilters,
  unpack,
  widthOf,
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

describe('chosen columns', () => {
  const names = (chosen) => chosenColumns(meta, null, chosen).map((column) => column.fieldname)
  it('come in the chosen order; what is unknown or secret is left out', () => {
    expect(names(['status', 'no_such', 'secret', 'procedure_name', '_assign'])).toEqual([
      'status',
      'procedure_name',
      '_assign',
    ])
  })
  it('are the list’s own where none is left', () => {
    expect(names(['secret'])).toEqual(names([]))
    expect(names([])[0]).toBe('procedure_name')
  })
  it('are as wide as somebody made them, within reason, else as their type needs', () => {
    const date = { fieldname: 'valid_to', fieldtype: 'Date' }
    expect(widthOf(date, 1)).toBeLessThan(widthOf(date, 0))
    expect(widthOf(date, 1, { valid_to: 333 })).toBe(333)
    expect(widthOf(date, 1, { valid_to: 5 })).toBe(60)
    expect(widthOf(date, 1, { valid_to: 99999 })).toBe(800)
  })
})

it('counts by fields with few values, the standard filters first', () => {
  expect(facetFields(meta).map((field) => field.fieldname)).toEqual(['status'])
  const workflow = { workflow_state_field: 'workflow_state', states: [{ state: 'Open' }] }
  const withState = {
    ...meta,
    fields: [...meta.fields, { fieldname: 'workflow_state', fieldtype: 'Link', options: 'Workflow State' }],
  }
  expect(facetFields(withState, workflow).map((field) => field.fieldname)).toContain('workflow_state')
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
  it('offer operators that fit the type', () => {
    expect(operatorsFor({ fieldtype: 'Date' })).toEqual(expect.arrayContaining(['<=', 'timespan']))
    expect(operatorsFor({ fieldtype: 'Select' })).toContain('in')
    expect(operatorsFor({ fieldtype: 'Check' })).toEqual(['='])
    expect(standardFilters(meta).map((field) => field.fieldname)).toEqual(['status'])
  })
})

it('reads the compact answer', () => {
  expect(unpack({ keys: ['name', 'n'], values: [['a', 1]] })).toEqual([{ name: 'a', n: 1 }])
  expect(unpack([])).toEqual([])
})

it('derives rights from roles', () => {
  expect(rights(meta)).toMatchObject({ create: true, export: true, delete: false })
})
