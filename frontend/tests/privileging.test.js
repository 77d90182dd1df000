import { describe, expect, it } from 'vitest'
import { actActions, grantActions, revoke, suspend, suspensionActions } from '../src/lib/actions'
import { matching, summary } from '../src/lib/privileging'
import { byPerson, chosenRows } from '../src/lib/reevaluation'

const grants = [
  {
    name: 'a',
    kind: 'SURGERY',
    code: '51.2300',
    item_name: '胆囊切除术',
    level: '3',
    status: 'Active',
    valid_to: '2026-12-01 08:00:00',
  },
  {
    name: 'b',
    kind: 'SURGERY',
    code: '47.0100',
    item_name: '阑尾切除术',
    level: '4',
    status: 'Suspended',
    valid_to: '2027-12-01 08:00:00',
  },
  {
    name: 'c',
    kind: 'PRESCRIPTION',
    code: 'RX_GEN',
    item_name: '普通处方权',
    level: null,
    status: 'Active',
    valid_to: null,
  },
]
const titles = (actions) => actions.map((action) => action.label ?? action.title)

describe('the privileges of a person', () => {
  it('are summed up: what rests does not count for the highest level', () =>
    expect(summary(grants, '2026-12-31')).toEqual({ active: 2, suspended: 1, expiring: 1, highest: 3 }))
  it('are found by name and code, kind and state', () => {
    const found = (filter) => matching(grants, filter).map((row) => row.name)
    expect(found({ text: ' rx_ ' })).toEqual(['c'])
    expect(found({ text: '切除', status: 'Suspended' })).toEqual(['b'])
    expect(found({ kind: 'SURGERY' })).toEqual(['a', 'b'])
  })
})

describe('what can be done', () => {
  it('with a grant depends on its state, its end and its type', () => {
    const grant = {
      name: 'g',
      practitioner: 'p',
      status: 'Active',
      grant_type: 'Regular',
      valid_to: '2027-01-01',
    }
    expect(titles(grantActions(grant))).toEqual(['Suspend', 'Extend', 'Revoke'])
    expect(titles(grantActions({ ...grant, grant_type: 'Emergency' }))).toEqual(['Suspend', 'Revoke'])
    expect(titles(grantActions({ ...grant, valid_to: null }))).toEqual(['Suspend', 'Revoke'])
    expect(grantActions({ ...grant, status: 'Revoked' })).toEqual([])
  })
  it('with a suspension depends on whether it has begun', () => {
    const actions = (status) => titles(suspensionActions({ name: 's', status, to_time: null }))
    expect(actions('Active')).toEqual(['End the suspension', 'Change the end'])
    expect(actions('Planned')).toEqual(['Call off the suspension', 'Change the end'])
    expect(actions('Ended')).toEqual([])
  })
  it('with an act without privilege depends on who looks at it', () => {
    const act = { name: 'u', status: 'Open' }
    expect(titles(actActions(act, { office: false, own: false }))).toEqual([])
    expect(titles(actActions(act, { office: false, own: true }))).toEqual(['Explain'])
    expect(titles(actActions(act, { office: true, own: false }))).toContain('Confirm as unauthorised')
    const judged = { ...act, status: 'Confirmed' }
    expect(titles(actActions(judged, { office: false, own: true }))).toEqual([])
    expect(titles(actActions(judged, { office: true, own: false }))).toEqual(['Judge anew'])
  })
  it('asks for a reason wherever somebody loses something', () => {
    for (const action of [revoke(['g']), suspend('p')])
      expect(action.fields.find((field) => field.fieldname === 'reason')).toMatchObject({ reqd: 1 })
  })
  it('asks for the kind only when all of a person rests', () => {
    const kinds = (action) => action.fields.filter((field) => field.fieldname === 'kind').length
    expect([kinds(suspend('p')), kinds(suspend('p', 'g'))]).toEqual([1, 0])
  })
})

describe('a re-evaluation', () => {
  const items = [
    {
      practitioner: '1',
      practitioner_name: '王一',
      item_name: '甲术',
      proposal: 'Continue',
      decision: 'Continue',
    },
    { practitioner: '2', practitioner_name: '李二', item_name: '乙术', proposal: 'Revoke', decision: '' },
    { practitioner: '1', practitioner_name: '王一', item_name: '丙术', proposal: 'Continue', decision: '' },
  ]
  it('shows what is open, what is proposed, and who was looked for', () => {
    const found = (filter) => chosenRows(items, filter).map((row) => row.item_name)
    expect(found({ only: 'open' })).toEqual(['乙术', '丙术'])
    expect(found({ only: 'Revoke' })).toEqual(['乙术'])
    expect(found({ text: '王一' })).toEqual(['甲术', '丙术'])
  })
  it('gathers the rows of a person', () =>
    expect(byPerson(items).map((group) => [group.name, group.rows.length])).toEqual([
      ['王一', 2],
      ['李二', 1],
    ]))
})
