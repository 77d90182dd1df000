/** What somebody typed and did not save, kept on this device until it is saved or thrown away. */

const PREFIX = 'draft:'
const DAYS = 14
const key = (user, doctype, name) => `${PREFIX}${user}:${doctype}:${name || 'new'}`

/** Keeps the record as it stands; silently gives up when the device has no room. */
export function keepDraft(user, doc) {
  try {
    localStorage.setItem(
      key(user, doc.doctype, doc.__islocal ? '' : doc.name),
      JSON.stringify({ at: Date.now(), doc }),
    )
  } catch {
    return false
  }
  return true
}

/** @returns {{at: number, doc: object} | null} */
export function findDraft(user, doctype, name) {
  try {
    const draft = JSON.parse(localStorage.getItem(key(user, doctype, name)))
    if (!draft || Date.now() - draft.at > DAYS * 86_400_000) return null
    return draft
  } catch {
    return null
  }
}

export function dropDraft(user, doctype, name) {
  localStorage.removeItem(key(user, doctype, name))
}
