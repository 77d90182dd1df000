import { describe, expect, it } from 'vitest'
import { holds, keptPlaces, places, placesToKeep, possible, problems, spread } from '../src/lib/workflow'

const step = (state, action, next, allowed = 'Clerk', condition = '') => ({
  state,
  action,
  next_state: next,
  allowed,
  condition,
})
const workflow = () => ({
  states: [
    { state: 'Draft', doc_status: '0' },
    { state: 'Review', doc_status: '0' },
    { state: 'Done', doc_status: '1' },
  ],
  transitions: [
    step('Draft', 'Send', 'Review'),
    step('Review', 'Approve', 'Done', 'Head', 'doc.points > 3 and doc.kind == "A"'),
    step('Review', 'Return', 'Draft', 'Head'),
  ],
  workflow_data: '',
})

describe('a workflow on the canvas', () => {
  it('stands in columns by the distance from its first state, or as somebody put it', () => {
    const at = places(workflow())
    expect(at.Draft.x).toBeLessThan(at.Review.x)
    expect(at.Review.x).toBeLessThan(at.Done.x)
    const kept = { ...at, Done: { x: 5, y: 6 } }
    expect(places({ ...workflow(), workflow_data: placesToKeep(kept) }).Done).toEqual({ x: 5, y: 6 })
    expect(keptPlaces('{broken')).toEqual({})
  })
  it('has nothing wrong when it is whole', () => expect(problems(workflow())).toEqual([]))
  it.each([
    ['a state that nothing leads to', (w) => w.states.push({ state: 'Lost', doc_status: '0' }), 'Lost'],
    ['a step that ends nowhere', (w) => w.transitions.push(step('Draft', 'Go', 'Nowhere')), 'Go'],
    [
      'a submitted record that becomes a draft',
      (w) => w.transitions.push(step('Done', 'Reopen', 'Draft')),
      'Reopen',
    ],
    ['a step without a role', (w) => w.transitions.push(step('Draft', 'Go', 'Review', '')), 'Draft'],
    ['a state twice', (w) => w.states.push({ state: 'Draft', doc_status: '0' }), 'Draft'],
  ])('tells of %s', (_name, spoil, named) => {
    const broken = workflow()
    spoil(broken)
    expect(problems(broken).some((problem) => problem.values.includes(named))).toBe(true)
  })
})

describe('the words at the arrows', () => {
  it('never lie upon one another', () => {
    const places = spread(Array.from({ length: 12 }, (_, index) => ({ x: 10 * (index % 3), y: 5 * index })))
    expect(spread([{ x: 100, y: 40 }], [{ x: 25, y: 12 }])[0].y).toBeGreaterThan(12 + 56)
    for (const [index, one] of places.entries())
      for (const other of places.slice(index + 1))
        expect(Math.abs(one.x - other.x) >= 96 || Math.abs(one.y - other.y) >= 28).toBe(true)
  })
})

describe('a dry run', () => {
  const may = (state, roles, doc) =>
    possible(workflow(), state, roles, doc).map(({ step: { action }, may: can, why }) => [action, can, why])
  it('offers the steps of the roles that hold', () => {
    expect(may('Draft', ['Clerk'])).toEqual([['Send', true, '']])
    expect(may('Draft', ['Head'])).toEqual([['Send', false, 'role']])
  })
  it('asks the conditions, as they stand on the server', () => {
    expect(may('Review', ['Head'], { points: 5, kind: 'A' })[0]).toEqual(['Approve', true, ''])
    expect(may('Review', ['Head'], { points: 5, kind: 'B' })[0]).toEqual(['Approve', false, 'condition'])
    expect(holds('doc.kind not in ("A", "B") and not doc.closed', { kind: 'C', closed: 0 })).toBe(true)
    expect(holds('doc.kind not in ("A", "B")', { kind: 'A' })).toBe(false)
    expect(holds('doc.kind in ("A", "B") or doc.closed', { kind: 'B' })).toBe(true)
  })
})
