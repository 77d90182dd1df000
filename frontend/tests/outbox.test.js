import { beforeEach, describe, expect, it, vi } from 'vitest'
import { boot } from '../src/lib/boot'
import { discard, enqueue, flush, outbox } from '../src/lib/outbox'

const record = (name, values = {}) => ({ doctype: 'Committee', name, committee_name: name, ...values })
const answer = (status, body) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })

describe('records that wait for a network', () => {
  beforeEach(() => {
    localStorage.clear()
    boot.user = 'clerk@example.org'
    outbox.rows = []
    vi.restoreAllMocks()
  })

  it('are sent in their order and leave the queue', async () => {
    enqueue(record('A'), 'A')
    enqueue(record('B'), 'B')
    const bodies = []
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (_path, options) => {
      bodies.push(JSON.parse(options.body).doc)
      return answer(200, { docs: [record('saved')] })
    })
    const sent = []
    await flush({ sent: (row) => sent.push(row.title) })
    expect(sent).toEqual(['A', 'B'])
    expect(bodies).toHaveLength(2)
    expect(outbox.rows).toEqual([])
  })

  it('keep the newest state of one record', () => {
    enqueue(record('A', { note: 'old' }), 'A')
    enqueue(record('A', { note: 'new' }), 'A')
    expect(outbox.rows.map((row) => row.doc.note)).toEqual(['new'])
  })

  it('stay where there still is no network', async () => {
    enqueue(record('A'), 'A')
    vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('no network'))
    await flush()
    expect(outbox.rows).toHaveLength(1)
    expect(outbox.rows[0].problem).toBe('')
  })

  it('wait for their author when the server refuses them, and the rest goes on', async () => {
    enqueue(record('A'), 'A')
    enqueue(record('B'), 'B')
    vi.spyOn(globalThis, 'fetch')
      .mockResolvedValueOnce(answer(417, { exc_type: 'ValidationError', _server_messages: '["refused"]' }))
      .mockResolvedValueOnce(answer(200, { docs: [record('B')] }))
    const refused = []
    await flush({ refused: (row) => refused.push(row.title) })
    expect(refused).toEqual(['A'])
    expect(outbox.rows.map((row) => [row.title, Boolean(row.problem)])).toEqual([['A', true]])
    expect(localStorage.getItem('draft:clerk@example.org:Committee:A')).toBeTruthy()
  })

  it('are thrown away one by one', () => {
    enqueue(record('A'), 'A')
    discard('Committee:A')
    expect(outbox.rows).toEqual([])
  })
})
