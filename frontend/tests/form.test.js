import { beforeEach, describe, expect, it } from 'vitest'
import { boot } from '../src/lib/boot'
import { dropDraft, findDraft, keepDraft } from '../src/lib/draft'
import { holds } from '../src/lib/expression'
import {
  conflicts,
  fieldState,
  gridColumns,
  layout,
  levels,
  missing,
  newDoc,
  toWire,
  parseClipboard,
} from '../src/lib/form'

describe('conditions', () => {
  const doc = {
    kind: 'SURGERY',
    count: 3,
    items: [{}],
    empty: [],
    lines: [{ amount: 2 }, { amount: 9 }],
    flag: 0,
    note: 'a"b',
  }
  it.each([
    ['kind', true],
    ['flag', false],
    ['empty', false],
    ['', true],
    ['eval:doc.kind == "SURGERY"', true],
    ["eval:doc.kind === 'X' || doc.count > 2", true],
    ['eval:!doc.flag && doc.items.length', true],
    ['eval:["SURGERY", "PRESCRIPTION"].includes(doc.kind)', true],
    ['eval:in_list(["A"], doc.kind)', false],
    ['eval:window.open("x")', true],
    ['eval:(doc.count - 1) * 2 == 4', true],
    ['eval:doc.kind == "X" ? doc.flag : doc.count < 2', false],
    ['eval:doc.missing.deeper', false],
    ['eval:doc.count in [1, 2]', false],
    ['eval:in_list(["SURGERY"], doc.kind)', true],
    ['eval:doc.lines.some(row => row.amount > 5)', true],
    ['eval:doc.lines.every((row) => row.amount > 5)', false],
    ['eval:doc.lines.filter(row => row.amount > doc.count).length == 1', true],
    ['eval:cint(doc.flag) || flt("2.5") > 2', true],
    ['eval:doc.nobody?.name', false],
    ['eval:frappe.user.has_role("Nobody Has This")', false],
  ])('%s', (condition, expected) => expect(holds(condition, doc)).toBe(expected))

  it('reach nothing but the values of the record', () => {
    expect(holds('eval:doc.constructor', doc)).toBe(false)
    expect(holds('eval:doc["__proto__"]', doc)).toBe(false)
    globalThis.touched = false
    expect(holds('eval:globalThis.touched = true', doc)).toBe(true)
    expect(globalThis.touched).toBe(false)
  })
  it('that are not understood neither ask for a field nor close it', () => {
    const field = {
      fieldname: 'a',
      fieldtype: 'Data',
      mandatory_depends_on: 'eval:nobody(doc)',
      read_only_depends_on: 'eval:doc =',
    }
    const state = fieldState(field, {
      doc,
      levels: { read: new Set([0]), write: new Set([0]) },
      locked: false,
    })
    expect(state).toEqual({ visible: true, readonly: false, required: false })
  })
  it('see the record around a row', () => expect(holds('eval:parent.kind == "SURGERY"', {}, doc)).toBe(true))
})

const meta = {
  name: 'Application',
  fields: [
    { fieldname: 'kind', fieldtype: 'Select', label: 'Kind', reqd: 1 },
    { fieldname: 'column', fieldtype: 'Column Break' },
    {
      fieldname: 'reason',
      fieldtype: 'Data',
      label: 'Reason',
      mandatory_depends_on: 'eval:doc.kind=="SURGERY"',
      default: 'x',
    },
    { fieldname: 'tab', fieldtype: 'Tab Break', label: 'More' },
    { fieldname: 'items', fieldtype: 'Table', label: 'Items', options: 'Item' },
    { fieldname: 'secret', fieldtype: 'Data', label: 'Secret', permlevel: 1 },
  ],
  permissions: [
    { role: 'Officer', permlevel: 0, read: 1, write: 1 },
    { role: 'Manager', permlevel: 1, read: 1 },
  ],
}
const children = {
  Item: { fields: [{ fieldname: 'code', fieldtype: 'Data', label: 'Code', reqd: 1, in_list_view: 1 }] },
}

beforeEach(() => (boot.roles = ['Officer']))

describe('forms', () => {
  it('are laid out in tabs, sections and columns', () => {
    const tabs = layout(meta)
    expect(tabs.map((tab) => tab.label)).toEqual(['Details', 'More'])
    expect(tabs[0].sections[0].columns.map((column) => column.map((field) => field.fieldname))).toEqual([
      ['kind'],
      ['reason'],
    ])
  })
  it('start with defaults and values from the address', () => {
    expect(newDoc(meta, { kind: 'SURGERY', evil: 1 })).toEqual({
      doctype: 'Application',
      __islocal: 1,
      docstatus: 0,
      kind: 'SURGERY',
      reason: 'x',
      items: [],
    })
  })
  it('hide levels that the user may not read, and lock those he may not write', () => {
    const secret = meta.fields.at(-1)
    expect(fieldState(secret, { doc: {}, levels: levels(meta), locked: false }).visible).toBe(false)
    const manager = levels(meta, ['Officer', 'Manager'])
    expect(fieldState(secret, { doc: {}, levels: manager, locked: false })).toMatchObject({
      visible: true,
      readonly: true,
    })
  })
  it('say what is missing, by row', () => {
    const doc = { ...newDoc(meta), reason: '', kind: 'SURGERY', items: [{ code: 'a' }, {}] }
    expect(missing(meta, children, doc, levels(meta)).map((entry) => entry.label)).toEqual([
      'Reason',
      'Items row 2: Code',
    ])
  })
  it('are locked after submission but for marked fields', () => {
    const open = { fieldname: 'note', fieldtype: 'Data', allow_on_submit: 1 }
    const context = { doc: { docstatus: 1 }, levels: levels(meta), locked: false }
    expect(fieldState(open, context).readonly).toBe(false)
    expect(fieldState(meta.fields[0], context).readonly).toBe(true)
  })
})

it('reads cells pasted from a spreadsheet', () => {
  expect(parseClipboard('51.2300\t腹腔镜\r\n47.0100\t\r\n')).toEqual([
    ['51.2300', '腹腔镜'],
    ['47.0100', ''],
  ])
})

it('chooses the columns of a grid', () =>
  expect(gridColumns(children.Item, levels(meta)).map((field) => field.fieldname)).toEqual(['code']))

it('finds the fields that two people changed differently', () => {
  const base = { kind: 'A', reason: 'r' }
  expect(conflicts(meta, { kind: 'B', reason: 'r' }, { kind: 'C', reason: 'new' }, base)).toMatchObject([
    { mine: 'B', theirs: 'C' },
  ])
})

it('keeps a draft until it is dropped', () => {
  keepDraft('u', { doctype: 'A', name: 'x', text: 'kept' })
  expect(findDraft('u', 'A', 'x').doc.text).toBe('kept')
  expect(findDraft('other', 'A', 'x')).toBeNull()
  dropDraft('u', 'A', 'x')
  expect(findDraft('u', 'A', 'x')).toBeNull()
})

describe('toWire', () => {
  it('gives a new record the name of its own that the server expects', () => {
    const sent = JSON.parse(toWire({ doctype: 'Expert Pool', __islocal: 1, pool_name: '甲' }))
    expect(sent.name).toMatch(/^new-expert-pool-[a-z0-9]+$/)
    expect(sent.pool_name).toBe('甲')
  })

  it('leaves the name of a stored record alone', () => {
    const doc = { doctype: 'Expert Pool', name: '甲' }
    expect(JSON.parse(toWire(doc))).toEqual(doc)
  })
})
