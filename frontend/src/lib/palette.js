/** How what somebody types picks an entry: Chinese, English, pinyin in full, its initials. No network, no screen. */

const EQUAL = 100
const BEGINS = 80
const WORD = 60
const HOLDS = 40
const PINYIN_BEGINS = 50
const PINYIN = 30

const fold = (text) => String(text ?? '').toLowerCase()
const compact = (text) => fold(text).replaceAll(' ', '')

/**
 * @param {string} query
 * @param {{label: string, source?: string}} entry
 * @param {((text: string, query: string) => number[] | null) | null} pinyin pinyin-pro's `match`, once it is there
 * @returns {number} 0 where it does not answer
 */
export function score(query, { label, source = '' }, pinyin = null) {
  const wanted = compact(query)
  if (!wanted) return 0
  for (const text of [compact(label), compact(source)]) {
    if (text === wanted) return EQUAL
    if (text.startsWith(wanted)) return BEGINS
  }
  if (
    fold(source)
      .split(/[\s-]+/)
      .some((word) => word.startsWith(wanted))
  )
    return WORD
  if (compact(label).includes(wanted) || compact(source).includes(wanted)) return HOLDS
  if (!pinyin || !/^[a-z]+$/.test(wanted)) return 0
  const places = pinyin(label, wanted)
  if (!places?.length) return 0
  return places[0] === 0 ? PINYIN_BEGINS : PINYIN
}

/**
 * The entries that answer, best first, equals in their given order.
 * @template T
 * @param {string} query
 * @param {T[]} entries
 * @returns {T[]}
 */
export function pick(query, entries, pinyin = null, limit = 12) {
  return entries
    .map((entry, index) => ({ entry, index, points: score(query, entry, pinyin) }))
    .filter((row) => row.points)
    .sort((a, b) => b.points - a.points || a.index - b.index)
    .slice(0, limit)
    .map((row) => row.entry)
}
