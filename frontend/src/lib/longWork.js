/** What is news about long work. No network, no screen. */

export const id = (row) => `${row.doctype}:${row.name}`

/**
 * What ended since this device last looked; at the first look nothing is news.
 * @param {{doctype: string, name: string, state: string}[]} rows
 * @param {string[] | null} before what ran then
 */
export function ended(rows, before) {
  return before ? rows.filter((row) => row.state !== 'running' && before.includes(id(row))) : []
}
