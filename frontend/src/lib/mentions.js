/** People named in a comment, in the form in which the framework tells them. */

const WORD = /@([\p{L}\p{N}_.]*)$/u

/**
 * The name that is being typed before the cursor.
 * @returns {{start: number, end: number, text: string} | null}
 */
export function mentionAt(text, cursor) {
  const before = text.slice(0, cursor)
  const match = WORD.exec(before)
  if (!match) return null
  // An "@" within a word belongs to an address.
  if (match.index > 0 && /[\w.]/.test(before[match.index - 1])) return null
  return { start: match.index, end: cursor, text: match[1] }
}

const escaped = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/**
 * What was typed as the markup of a comment; those who are still named in it become mentions.
 * @param {string} text
 * @param {{value: string, label: string}[]} people the longer name first, where one begins with another
 */
export function commentHtml(text, people = []) {
  const sorted = [...people].sort((a, b) => b.label.length - a.label.length)
  const mention = ({ value, label }) =>
    `<span class="mention" data-id="${escaped(value)}" data-value="${escaped(label)}" data-is-group="false">@${escaped(label)}</span>`
  const parts = []
  let rest = text
  while (rest) {
    const at = sorted
      .map((person) => ({ person, index: rest.indexOf(`@${person.label}`) }))
      .filter((hit) => hit.index >= 0)
      .sort((a, b) => a.index - b.index)[0]
    if (!at) break
    parts.push(escaped(rest.slice(0, at.index)), mention(at.person))
    rest = rest.slice(at.index + at.person.label.length + 1)
  }
  return `<p>${[...parts, escaped(rest)].join('').replaceAll('\n', '<br>')}</p>`
}

/**
 * A comment's markup in parts that a page shows as text: who is named stands out.
 * @returns {{text: string, mention: boolean}[]}
 */
export function commentParts(html) {
  const body = new DOMParser().parseFromString(String(html ?? ''), 'text/html').body
  const parts = []
  const add = (text, mention = false) => {
    if (!text) return
    if (parts.length && parts.at(-1).mention === mention) parts.at(-1).text += text
    else parts.push({ text, mention })
  }
  const walk = (node) => {
    for (const child of node.childNodes) {
      if (child.nodeType === 3) add(child.textContent)
      else if (child.nodeName === 'BR') add('\n')
      else if (child.classList?.contains('mention')) add(child.textContent, true)
      else {
        if (['P', 'DIV', 'LI'].includes(child.nodeName) && parts.length) add('\n')
        walk(child)
      }
    }
  }
  walk(body)
  return parts
}
