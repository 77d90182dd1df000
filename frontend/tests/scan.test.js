import { describe, expect, it } from 'vitest'
import { meaning } from '../src/lib/scan'

const HERE = 'https://hospital.example'

describe('a code', () => {
  it('with an address of this system leads there', () => {
    expect(meaning(`${HERE}/medaffairs/practitioner/10012?day=1`, HERE)).toEqual({
      path: '/practitioner/10012?day=1',
    })
    expect(meaning(`${HERE}/medaffairs`, HERE)).toEqual({ path: '/' })
  })
  it.each([
    'https://elsewhere.example/medaffairs/',
    `${HERE}/files/x`,
    `${HERE}/medaffairsx`,
    'http://[',
    '',
  ])('%s leads nowhere', (text) => expect(meaning(text, HERE)).toEqual({}))
  it('with a number is searched for', () => {
    expect(meaning(' 10012\n', HERE)).toEqual({ search: '10012' })
    expect(meaning('javascript:alert(1)', HERE)).toEqual({ search: 'javascript:alert(1)' })
  })
})
