/** The approval engine's doors, as the pages use them. */
import { read, write } from './http'

const API = 'medaffairs.approval.api'

/** What waits for this person: applications and other documents in a state that is his to decide. */
export const inbox = () => read(`${API}.inbox`)
export const myBallots = () => read(`${API}.my_ballots`)

/** Who decided what so far. */
export const opinions = (doctype, name) => read(`${API}.opinions`, { doctype, name })

/** Steps that this person may take now. */
export const actions = (doctype, name) => read(`${API}.actions`, { doctype, name })

/** @param {{code: string, decision: string, remark: string}[]} items */
export const act = (doctype, name, action, opinion, items) =>
  write(`${API}.act`, { doctype, name, action, opinion, items })
export const withdraw = (doctype, name, reason) => write(`${API}.withdraw`, { doctype, name, reason })
export const returnTo = (doctype, name, state, reason) =>
  write(`${API}.return_to`, { doctype, name, state, reason })

export const ballot = (name) => read(`${API}.ballot`, { name })
export const vote = (name, votes) => write(`${API}.vote`, { ballot: name, votes })
export const recuse = (name, reason) => write(`${API}.recuse`, { ballot: name, reason })
