/** Two versions of a text, word by word: what stayed, what went, what came. Chinese is compared by characters. */

const PIECES = /\p{Script=Han}|[\p{L}\p{N}]+|\s+|./gsu
const LONGEST = 1500

const pieces = (text) => String(text ?? '').match(PIECES) ?? []

/**
 * @returns {{text: string, kind: 'same' | 'gone' | 'new'}[] | null} null for texts too long to be compared like this
 */
export function wordDiff(before, after) {
  const [old, fresh] = [pieces(before), pieces(after)]
  if (old.length > LONGEST || fresh.length > LONGEST) return null
  const width = fresh.length + 1
  const common = new Uint16Array((old.length + 1) * width)
  for (let i = old.length - 1; i >= 0; i--)
    for (let j = fresh.length - 1; j >= 0; j--)
      common[i * width + j] =
        old[i] === fresh[j]
          ? common[(i + 1) * width + j + 1] + 1
          : Math.max(common[(i + 1) * width + j], common[i * width + j + 1])
  const parts = []
  const add = (text, kind) => {
    if (parts.at(-1)?.kind === kind) parts.at(-1).text += text
    else parts.push({ text, kind })
  }
  let [i, j] = [0, 0]
  while (i < old.length || j < fresh.length) {
    if (i < old.length && j < fresh.length && old[i] === fresh[j]) (add(old[i++], 'same'), j++)
    else if (
      j >= fresh.length ||
      (i < old.length && common[(i + 1) * width + j] >= common[i * width + j + 1])
    )
      add(old[i++], 'gone')
    else add(fresh[j++], 'new')
  }
  return parts
}

/** Whether marking the words tells more than both texts one after the other: long texts that are mostly the same. */
export function worthMarking(before, after) {
  if (Math.max(String(before).length, String(after).length) < 16) return null
  const parts = wordDiff(before, after)
  if (!parts) return null
  const same = parts.filter((part) => part.kind === 'same').reduce((sum, part) => sum + part.text.length, 0)
  return same >= Math.min(String(before).length, String(after).length) * 0.4 ? parts : null
}
