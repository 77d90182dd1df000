/** From metadata and addresses to views of a list: conditions, orders, boards, calendars, plans, trees, bulk work. */
import { beforeEach, describe, expect, it } from 'vitest'
import { boot } from '../src/lib/boot'
import {
  conditionsOf,
  differs,
  exportable,
  facetValues,
  parseSort,
  readAddress,
  toggleFacet,
  turnSort,
  viewQuery,
  writeAddress,
} from '../src/lib/list-address'
import { boardColumns, boardFields, movesBy } from '../src/lib/list-board'
import { interrupted, newJob, portion, record, undoOf } from '../src/lib/list-bulk'
import { flatten } from '../src/lib/list-data'
import { editableFields, isEditable } from '../src/lib/list-edit'
import { exportQuestion } from '../src/lib/list-export'
import { complete, conditionWords, countConditions, split, treeWords } from '../src/lib/list-filter'
import { byDay, dayField, hasDates, onDay, scaleOf, spanOf, weeksOf } from '../src/lib/list-time'
import { parentField, visibleNodes } from '../src/lib/list-tree'

const meta = {
  name: 'Improvement Note',
  fields: [
    { fieldname: 'subject', label: 'Subject', fieldtype: 'Data' },
    { fieldname: 'status', label: 'Status', fieldtype: 'Select', options: 'Open\nImproving\nImproved' },
    { fieldname: 'group', label: 'Group', fieldtype: 'Data' },
    { fieldname: 'from_date', label: 'From', fieldtype: 'Date' },
    { fieldname: 'due_date', label: 'Due', fieldtype: 'Date' },
    { fieldname: 'number', label: 'Number', fieldtype: 'Int', read_only: 1 },
    { fieldname: 'code', label: 'Code', fieldtype: 'Data', set_only_once: 1 },
    { fieldname: 'remark', label: 'Remark', fieldtype: 'Data', allow_on_submit: 1 },
    { fieldname: 'secret', label: 'Secret', fieldtype: 'Data', permlevel: 1 },
  ],
  permissions: [{ role: 'Officer', permlevel: 0, read: 1, write: 1 }],
}
const workflow = {
  workflow_state_field: 'workflow_state',
  states: [
    { state: 'Draft', allow_edit: 'Officer' },
    { state: 'Done', allow_edit: 'Manager' },
  ],
  transitions: [],
}
const withState = {
  ...meta,
  fields: [
    ...meta.fields,
    { fieldname: 'workflow_state', label: 'State', fieldtype: 'Link', options: 'Workflow State' },
  ],
}
const either = {
  any: true,
  parts: [
    ['status', '=', 'Open'],
    ['subject', 'like', '手卫生'],
  ],
}

beforeEach(() => (boot.roles = ['Officer']))

describe('the address of a list', () => {
  const state = {
    filters: [
      ['status', 'in', 'Open,Improving'],
      ['due_date', '<=', '2026-12-31'],
      ['group', '=', 'A'],
    ],
    where: either,
    search: '手卫生',
    sort: [
      ['due_date', 'asc'],
      ['subject', 'desc'],
    ],
    kind: 'gantt',
    by: 'from_date',
    till: 'due_date',
    group: 'status',
    columns: ['subject', 'status'],
    saved: 'v1',
    facets: true,
    at: '2026-11',
  }
  it('says everything that is seen, and is read back the same', () => {
    const again = readAddress(writeAddress(state), meta)
    expect({ ...again, filters: null, where: null }).toEqual({ ...state, filters: null, where: null })
    expect(writeAddress(again)).toEqual(writeAddress(state))
  })
  it('keeps a field that is named like one of its own words apart', () => {
    const query = writeAddress({ ...state, where: null })
    expect(query.group).toBe('status')
    expect(JSON.parse(query.where).parts).toContainEqual(['group', '=', 'A'])
    expect(conditionsOf(readAddress(query, meta))).toContainEqual({
      any: false,
      parts: [['group', '=', 'A']],
    })
  })
  it('is empty for the usual list', () => {
    expect(writeAddress(readAddress({}, meta))).toEqual({})
  })
  it('leaves out what somebody typed wrongly', () => {
    const read = readAddress(
      { as: 'cube', by: 'x;y', group: 'nothing', sort: 'a sideways,;', where: '{', at: 'soon' },
      meta,
    )
    expect(read).toMatchObject({ kind: 'list', by: '', group: '', sort: [], where: null, at: '' })
  })
})

describe('the order', () => {
  it('is read as pairs, at most four', () => {
    expect(parseSort('a asc, b desc')).toEqual([
      ['a', 'asc'],
      ['b', 'desc'],
    ])
    expect(parseSort('a asc,b asc,c asc,d asc,e asc')).toHaveLength(4)
  })
  it('turns up, down and away; with others kept it is by several', () => {
    const up = turnSort([], 'a')
    const down = turnSort(up, 'a')
    expect([up, down, turnSort(down, 'a')]).toEqual([[['a', 'asc']], [['a', 'desc']], []])
    expect(turnSort(up, 'b')).toEqual([['b', 'asc']])
    expect(turnSort(up, 'b', true)).toEqual([
      ['a', 'asc'],
      ['b', 'asc'],
    ])
  })
})

describe('a facet', () => {
  it('chooses one value, then several, then none', () => {
    const one = toggleFacet([], 'status', 'Open')
    const two = toggleFacet(one, 'status', 'Improved')
    expect(one).toEqual([['status', '=', 'Open']])
    expect(two).toEqual([['status', 'in', 'Open,Improved']])
    expect(facetValues(two, 'status')).toEqual(['Open', 'Improved'])
    expect(toggleFacet(toggleFacet(two, 'status', 'Open'), 'status', 'Improved')).toEqual([])
  })
  it('knows what is empty, and leaves other conditions alone', () => {
    const kept = [['due_date', '<', '2026-01-01']]
    expect(toggleFacet(kept, 'status', null)).toEqual([...kept, ['status', 'is', 'not set']])
    expect(facetValues([['status', 'is', 'not set']], 'status')).toEqual([''])
  })
})

describe('conditions', () => {
  it('are in words, groups in brackets', () => {
    expect(conditionWords(['status', 'in', 'Open,Improved'], meta.fields)).toBe(
      'Status is one of Open、Improved',
    )
    expect(conditionWords(['due_date', 'timespan', 'this month'], meta.fields)).toBe('Due within this month')
    expect(treeWords({ any: false, parts: [['group', '=', 'A'], either] }, meta.fields)).toBe(
      'Group is equal to A and （Status is equal to Open or Subject contains 手卫生）',
    )
  })
  it('are complete when each has a value', () => {
    expect(complete({ any: false, parts: [['a', '=', 0], either] })).toBe(true)
    expect(complete({ any: false, parts: [['a', '=', null]] })).toBe(false)
    expect(complete({ any: false, parts: [{ any: true, parts: [] }] })).toBe(false)
  })
  it('stay plain in the address as far as they can', () => {
    expect(split({ any: false, parts: [['a', '=', 1], either] })).toEqual({
      filters: [['a', '=', 1]],
      where: either,
    })
    expect(split({ any: true, parts: [['a', '=', 1]] })).toEqual({ filters: [['a', '=', 1]], where: null })
    expect(split(either)).toEqual({ filters: [], where: either })
    expect(countConditions({ filters: [['a', '=', 1]], where: either, search: 'x' })).toBe(4)
  })
  it('are exported by the host as far as it has them', () => {
    const flat = exportable('X', { filters: [['subject', 'like', 'a']], where: either, search: '' })
    expect(flat.filters).toEqual([['X', 'subject', 'like', '%a%']])
    expect(flat.or_filters).toEqual([
      ['X', 'status', '=', 'Open'],
      ['X', 'subject', 'like', '%手卫生%'],
    ])
    expect(exportable('X', { filters: [], where: { any: false, parts: [either] }, search: '' })).toBeNull()
    const question = exportQuestion('X', [{ fieldname: 'name' }, { fieldname: 'subject' }], 'CSV', {
      names: ['1'],
      sort: [['subject', 'asc']],
    })
    expect(JSON.parse(question.fields)).toEqual(['`tabX`.`name`', '`tabX`.`subject`'])
    expect(question).toMatchObject({ selected_items: '["1"]', order_by: '`tabX`.`subject` asc' })
  })
})

describe('a kept view', () => {
  const view = { name: 'v1', definition: { query: { status: 'Open' } } }
  it('is open until something differs', () => {
    const state = readAddress(viewQuery(view), meta)
    expect(state.saved).toBe('v1')
    expect(differs(state, view, {})).toBe(false)
    expect(differs({ ...state, search: 'x' }, view, {})).toBe(true)
    expect(differs({ ...state, at: '2026-11' }, view, {})).toBe(false)
  })
})

describe('changing in place', () => {
  let list
  beforeEach(
    () =>
      (list = {
        meta,
        workflow: null,
        editable: new Set(editableFields(meta).map((entry) => entry.fieldname)),
      }),
  )
  const field = (name) => meta.fields.find((entry) => entry.fieldname === name)
  it('is for fields that the form leaves open to this person', () => {
    expect([...list.editable]).toEqual(['subject', 'status', 'group', 'from_date', 'due_date', 'remark'])
    boot.roles = ['Nurse']
    expect(editableFields(meta)).toEqual([])
  })
  it('ends with submission, but for fields that are open after it', () => {
    expect(isEditable(field('subject'), { docstatus: 0 }, list)).toBe(true)
    expect(isEditable(field('subject'), { docstatus: 1 }, list)).toBe(false)
    expect(isEditable(field('remark'), { docstatus: 1 }, list)).toBe(true)
    expect(isEditable(field('remark'), { docstatus: 2 }, list)).toBe(false)
  })
  it('is for whom the state leaves the record to', () => {
    const flow = { ...list, workflow }
    expect(isEditable(field('subject'), { workflow_state: 'Draft' }, flow)).toBe(true)
    expect(isEditable(field('subject'), { workflow_state: 'Done' }, flow)).toBe(false)
  })
  it('is closed where steps have closed the record', () => {
    const handled = { ...list, meta: { ...meta, name: 'Penalty' } }
    expect(isEditable(field('subject'), { status: 'Issued' }, handled)).toBe(false)
  })
})

describe('a board', () => {
  it('is made of the state first, then of choices', () => {
    expect(boardFields(withState, workflow).map((entry) => entry.fieldname)).toEqual([
      'workflow_state',
      'status',
    ])
    expect(boardFields({ name: 'X', fields: [] })).toEqual([])
  })
  it('has a column for each choice, in its order, and for what only records have', () => {
    const [status] = boardFields(meta)
    expect(
      boardColumns(status, [
        { value: 'Improved', count: 3 },
        { value: 'Old', count: 1 },
        { value: null, count: 2 },
      ]),
    ).toEqual([
      { value: 'Open', count: 0 },
      { value: 'Improving', count: 0 },
      { value: 'Improved', count: 3 },
      { value: 'Old', count: 1 },
      { value: '', count: 2 },
    ])
  })
  it('moves by steps of a workflow, by the field, or not at all', () => {
    const [state, status] = boardFields(withState, workflow)
    expect(movesBy(state, withState, workflow)).toBe('steps')
    expect(movesBy(status, withState, workflow)).toBe('field')
    boot.roles = ['Nurse']
    expect(movesBy(status, withState, workflow)).toBe('')
  })
})

describe('a calendar', () => {
  it('has six weeks from a Monday on', () => {
    const weeks = weeksOf('2026-11')
    expect(weeks).toHaveLength(6)
    expect(weeks[0][0]).toEqual({ date: '2026-10-26', day: 26, inside: false })
    expect(weeks.flat().filter((day) => day.inside)).toHaveLength(30)
  })
  it('places records by an own date before those that every record has', () => {
    expect(hasDates(meta)).toBe(true)
    expect(hasDates({ name: 'X', fields: [] })).toBe(false)
    expect(dayField(meta).fieldname).toBe('from_date')
    expect(dayField(meta, 'due_date').fieldname).toBe('due_date')
    const days = byDay([{ at: '2026-11-01 08:00:00' }, { at: '2026-11-01' }, { at: null }], 'at')
    expect([...days].map(([day, rows]) => [day, rows.length])).toEqual([['2026-11-01', 2]])
  })
  it('keeps the hour of what is moved', () => {
    expect(onDay('2026-11-01 08:30:00', '2026-11-05')).toBe('2026-11-05 08:30:00')
    expect(onDay('2026-11-01', '2026-11-05')).toBe('2026-11-05')
  })
})

describe('a plan', () => {
  it('reaches from begin to end, by the names of the fields', () => {
    const span = spanOf(meta)
    expect([span.from.fieldname, span.till.fieldname]).toEqual(['from_date', 'due_date'])
    expect(spanOf({ name: 'X', fields: [] })).toBeNull()
    const onlyEnd = { name: 'X', fields: [{ fieldname: 'valid_to', fieldtype: 'Date' }] }
    expect(spanOf(onlyEnd).from.fieldname).toBe('creation')
  })
  it('lays bars on whole months; what has no end goes on', () => {
    const rows = [
      { name: 'a', from_date: '2026-10-20', due_date: '2026-11-05' },
      { name: 'b', from_date: '2026-11-10', due_date: null },
      { name: 'c', from_date: '2026-11-10', due_date: '2026-11-01' },
      { name: 'd', from_date: null, due_date: null },
    ]
    const { first, days, months, bars } = scaleOf(rows, 'from_date', 'due_date')
    expect([first, days]).toEqual(['2026-10-01', 61])
    expect(months).toEqual([
      { label: '2026-10', days: 31 },
      { label: '2026-11', days: 30 },
    ])
    expect(bars.map(({ row, start, length, open }) => [row.name, start, length, open])).toEqual([
      ['a', 19, 17, false],
      ['b', 40, 21, true],
      ['c', 40, 1, false],
    ])
    expect(scaleOf([], 'from_date', 'due_date').bars).toEqual([])
  })
})

describe('a tree', () => {
  const children = new Map([
    [
      '',
      [
        { name: 'A', branch: true },
        { name: 'B', branch: false },
      ],
    ],
    ['A', [{ name: 'A1', branch: true }]],
    ['A1', [{ name: 'A', branch: true }]],
  ])
  it('shows what lies in open branches, a circle only once', () => {
    const seen = (open) => visibleNodes(children, new Set(open)).map((node) => `${node.name}${node.depth}`)
    expect(seen([])).toEqual(['A0', 'B0'])
    expect(seen(['A'])).toEqual(['A0', 'A11', 'B0'])
    expect(seen(['A', 'A1'])).toEqual(['A0', 'A11', 'B0'])
    expect(seen(['A1'])).toEqual(['A0', 'B0'])
  })
  it('knows the field of the parent', () => {
    expect(parentField({ name: 'Clinical Department' })).toBe('parent_clinical_department')
    expect(parentField({ name: 'X', nsm_parent_field: 'above' })).toBe('above')
  })
})

describe('groups', () => {
  it('have their rows below them while they are open, and a place for more', () => {
    const opened = new Map([['Open', { rows: [{ name: '1' }], next: ['x'], busy: false }]])
    const items = flatten(
      [
        { value: 'Open', count: 5 },
        { value: null, count: 2 },
      ],
      opened,
    )
    expect(
      items.map((item) => (item.group ? `${item.value}:${item.count}` : item.more ? 'more' : item.name)),
    ).toEqual(['Open:5', '1', 'more', 'null:2'])
  })
})

describe('work on many rows', () => {
  const job = () => newJob('X', 'change', ['a', 'b', 'c'], { values: { status: 'Open' } })
  it('remembers what is left, what failed and what was there before', () => {
    const work = record(job(), ['a', 'b'], {
      done: { a: { before: { status: 'Old' }, values: { status: 'Open' }, modified: 'm1' } },
      failed: { b: 'no' },
    })
    expect(work).toMatchObject({ left: ['c'], done: ['a'], failed: { b: 'no' } })
    const undo = undoOf(work)
    expect(portion(undo, ['a'])).toEqual({
      doctype: 'X',
      names: ['a'],
      values: { a: { status: 'Old' } },
      seen: { a: 'm1' },
    })
  })
  it('can be taken back where something takes it back', () => {
    const done = (method, given = {}) => ({ ...newJob('X', method, ['a'], given), done: ['a'] })
    expect(undoOf(done('remove')).method).toBe('bring_back')
    expect(portion(undoOf(done('assign', { users: ['u'] })), ['a'])).toEqual({
      doctype: 'X',
      names: ['a'],
      users: ['u'],
    })
    expect(undoOf(done('submit'))).toBeNull()
    expect(undoOf(job())).toBeNull()
  })
  it('is found again after a reload by the same person on the same list', () => {
    boot.user = 'a@b'
    sessionStorage.setItem('list-job', JSON.stringify({ ...job(), user: 'a@b' }))
    expect(interrupted('X').left).toHaveLength(3)
    expect(interrupted('Y')).toBeNull()
    boot.user = 'c@d'
    expect(interrupted('X')).toBeNull()
    sessionStorage.setItem('list-job', '{')
    expect(interrupted('X')).toBeNull()
  })
})
