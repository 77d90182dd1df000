/** The order and width of what stands on a board. */

/** Of four columns; on a phone there are two. */
export const SPANS = {
  1: 'col-span-1',
  2: 'col-span-2',
  3: 'col-span-2 lg:col-span-3',
  4: 'col-span-2 lg:col-span-4',
}
export const LEAST_WIDTH = { card: 1, chart: 2, report: 2 }
const WIDEST = 4

/** A copy that may be changed. */
export const arrange = (items) => items.map((item) => ({ ...item }))

/** The items with one moved to another place. */
export function placed(items, from, to) {
  if (from === to || to < 0 || to >= items.length) return items
  const moved = [...items]
  moved.splice(to, 0, ...moved.splice(from, 1))
  return moved
}

/** The items with one a column wider; after the widest comes the narrowest. */
export const widened = (items, index) =>
  items.map((item, place) =>
    place === index
      ? { ...item, width: item.width >= WIDEST ? LEAST_WIDTH[item.kind] : item.width + 1 }
      : item,
  )

/** What is not on the board yet and fits a search, by kind; kinds without any are left out. */
export function unused(choices, items, text = '') {
  const there = new Set(items.map((item) => `${item.kind}:${item.name}`))
  const wanted = text.trim().toLowerCase()
  const fits = (row) =>
    [row.label, __(row.label), row.name].some((word) => String(word).toLowerCase().includes(wanted))
  return Object.fromEntries(
    Object.entries(choices)
      .map(([kind, rows]) => [kind, rows.filter((row) => !there.has(`${kind}:${row.name}`) && fits(row))])
      .filter(([, rows]) => rows.length),
  )
}
