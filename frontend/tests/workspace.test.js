import { describe, expect, it } from 'vitest'
import { cardRoute, destination, parseFilters } from '../src/lib/workspace'

describe('filters of a card', () => {
  it('reads both forms and keeps equalities', () => {
    expect(
      parseFilters(
        '[["Privilege Grant","status","=","Active",false],["Privilege Grant","valid_to","<","2027-01-01"]]',
      ),
    ).toEqual({ status: 'Active' })
    expect(parseFilters({ status: 'Open', owner: ['!=', 'x'] })).toEqual({ status: 'Open' })
  })
  it('survives rubbish', () => {
    expect(parseFilters('{broken')).toEqual({})
    expect(parseFilters(null)).toEqual({})
  })
})

describe('destination of a link', () => {
  it('leads to lists, reports and own pages, and nowhere else', () => {
    expect(destination({ type: 'DocType', link_to: 'Procedure' })).toMatchObject({
      name: 'List',
      params: { doctype: 'Procedure' },
    })
    expect(destination({ type: 'Link', link_type: 'Report', link_to: 'Title Statistics' })).toMatchObject({
      name: 'Report',
    })
    expect(destination({ type: 'URL', url: '/medaffairs/apply' })).toBe('/apply')
    expect(destination({ type: 'URL', url: 'https://elsewhere.example' })).toBeNull()
  })
})

describe('a card whose figure a method computes', () => {
  it('leads to the list or report that the method names', () => {
    expect(
      cardRoute({ value: 3, route: ['query-report', 'Approval Progress'], route_options: { stage: 'Late' } }),
    ).toEqual({ name: 'Report', params: { name: 'Approval Progress' }, query: { stage: 'Late' } })
    expect(cardRoute({ value: 3, route: ['List', 'Ballot'] })).toMatchObject({
      params: { doctype: 'Ballot' },
    })
    expect(cardRoute({ value: 3 })).toBeNull()
  })
})
