import { afterEach, describe, expect, it, vi } from 'vitest'
import { boot } from '../src/lib/boot'
import { isClosed, stepsOf } from '../src/lib/handling'
import { setTranslations, translate } from '../src/lib/i18n'
import { ownPage } from '../src/lib/messages'
import { timeline } from '../src/lib/timeline'
import { duration } from '../src/lib/format'

const answer = (message) => ({
  ok: true,
  status: 200,
  headers: new Map([['content-type', 'application/json']]),
  json: async () => ({ message }),
})
const titles = (actions) => actions.map((action) => action.title)

afterEach(() => {
  vi.unstubAllGlobals()
  setTranslations({})
})

describe('the steps of a record', () => {
  const record = { doctype: 'Demerit Record', name: 'DR-1', workflow_state: 'Under Review', points: 2 }
  it('are what the server offers, with a form for what each asks', async () => {
    vi.stubGlobal('fetch', async () => answer(['Uphold', 'Dismiss']))
    const [uphold, dismiss] = await stepsOf(record)
    expect(uphold.fields.map((field) => field.fieldname)).toEqual(['words', 'points'])
    expect(uphold.values).toEqual({ points: 2 })
    expect(dismiss.fields[0]).toMatchObject({ fieldname: 'words', reqd: 1 })
  })
  it('send what was asked for and nothing else', async () => {
    const fetch = vi.fn(async () => answer(['Appeal']))
    vi.stubGlobal('fetch', fetch)
    const [appeal] = await stepsOf(record, true)
    expect(appeal.values).toEqual({ doctype: 'Demerit Record', name: 'DR-1' })
    await appeal.run({ ...appeal.values, words: '当时在抢救' })
    const [address, { body }] = fetch.mock.calls.at(-1)
    expect(address).toBe('/api/method/medaffairs.demerit.api.take')
    expect(JSON.parse(body)).toEqual({ name: 'DR-1', action: 'Appeal', words: '当时在抢救' })
  })
  it('of a step without a form need only a yes', async () => {
    vi.stubGlobal('fetch', async () => answer(['Something New']))
    expect(await stepsOf(record)).toMatchObject([{ title: 'Something New', fields: [] }])
  })
  it('of an improvement have progress and due date beside them', async () => {
    vi.stubGlobal('fetch', async () => answer(['Hand In', 'Call Off']))
    expect(titles(await stepsOf({ doctype: 'Improvement Action', name: 'IA-1' }))).toEqual([
      'Log Progress',
      'Hand In',
      'Change Due Date',
      'Call Off',
    ])
  })
  it('of a penalty follow from its state, for the office alone', async () => {
    const penalty = (status) => stepsOf({ doctype: 'Penalty', name: 'PN-1', status }).then(titles)
    boot.roles = ['Medical Affairs Officer']
    expect(await penalty('Not Issued')).toEqual(['Issue', 'Handle Otherwise'])
    expect(await penalty('Issued')).toEqual(['End', 'Handle Otherwise'])
    expect(await penalty('Ended')).toEqual([])
    boot.roles = ['Practitioner']
    expect(await penalty('Issued')).toEqual([])
  })
  it('close its fields', () => {
    expect(isClosed(record)).toBe(true)
    expect(isClosed({ ...record, workflow_state: 'Draft' })).toBe(false)
    expect(isClosed({ doctype: 'Procedure' })).toBe(false)
  })
  it('stand in the time line with what was said, once', () => {
    const versions = [
      { creation: '2026-01-02', owner: 'a', data: '{"changed":[["workflow_state","x","y"]]}' },
    ]
    const taken = [
      { decided_at: '2026-01-03', actor: 'a', actor_name: '王一', action: 'Appeal', opinion: '不服' },
    ]
    const entries = timeline({ versions }, { doctype: 'Demerit Record' }, String, taken)
    expect(entries).toMatchObject([{ kind: 'step', byName: '王一', title: 'Appeal', text: '不服' }])
  })
})

describe('a message', () => {
  it.each([
    ['/medaffairs/form/Penalty/PN-1', '/form/Penalty/PN-1'],
    ['/medaffairs', '/'],
    ['https://elsewhere.example/medaffairs/', '/'],
    ['/medaffairs//elsewhere.example', '/'],
    [null, '/'],
  ])('with the page %s opens %s', (route, page) => expect(ownPage(route)).toBe(page))
})

describe('Chinese beside other words', () => {
  it('keeps a space', () => {
    setTranslations({ 'New {0}': '新建{0}', '{0} of {1}': '{0}的{1}', h: '小时' })
    expect(translate('New {0}', ['HL7 对端系统'])).toBe('新建 HL7 对端系统')
    expect(translate('New {0}', ['科室'])).toBe('新建科室')
    expect(translate('{0} of {1}', ['CT', '报告'])).toBe('CT 的报告')
    expect(duration(3 * 3600)).toBe('3 小时')
  })
})
