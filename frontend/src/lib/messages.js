/** Messages of the system to this person: opening one counts as having read it. */
import { read, write } from './http'

const API = 'medaffairs.messaging.api'

/** @returns {Promise<{route: string}>} the page that a message leads to, which is noted as read */
export const openMessage = (name) => write(`${API}.open`, { name })

/** This person's newest messages in the system. */
export const inbox = () => read(`${API}.inbox`, { page_length: 50 })

/** A page of this face as the router knows it; anything else leads to the workbench. */
export function ownPage(route) {
  const path = String(route ?? '')
  if (!path.startsWith('/medaffairs/') || path.includes('//') || path.includes('\\')) return '/'
  return path.slice('/medaffairs'.length)
}
