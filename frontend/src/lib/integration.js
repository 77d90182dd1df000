/** The monitor of messages: what it asks, what it does, and its words. */
import { display } from './format'
import { read, write } from './http'

const API = 'medaffairs.integration.api'
export const PAGE = 50
export const REFRESH_SECONDS = 5

export const summary = () => read(`${API}.summary`)
export const gate = () => read('medaffairs.integration.watching.gate')
export const resume = (endpoint) => write(`${API}.resume`, { endpoint })
export const retryNow = (endpoint) => write(`${API}.retry_now`, { endpoint })
export const testConnection = (endpoint) => write(`${API}.test_connection`, { endpoint })

const reason = { fieldname: 'reason', label: 'Reason', fieldtype: 'Small Text', reqd: 1 }
const withReason = (title, method, values, more = {}) => ({
  title,
  values,
  fields: [reason],
  run: (given) => write(`${API}.${method}`, given),
  ...more,
})

/** Dialogues that ask why, because the answer is kept in the access log. */
export const pause = (endpoint) =>
  withReason(
    __('Pause {0}', [endpoint]),
    'pause',
    { endpoint },
    {
      text: __('Nothing is sent to this system meanwhile; changes are queued.'),
      done: __('Paused'),
    },
  )
export const retryDead = (endpoint, count) =>
  withReason(
    __('Send {0} failed messages again', [count]),
    'retry_dead',
    { endpoint },
    {
      text: __('Afterwards the system is told what is true of the persons concerned now.'),
      done: __('Queued again'),
    },
  )
export const synchronise = (endpoint) =>
  withReason(
    __('Send everything to {0}', [endpoint]),
    'synchronise',
    { endpoint },
    {
      text: __('One message for every practitioner with all his privileges. This may take some minutes.'),
      done: __('The synchronisation begins.'),
    },
  )
export const giveUp = (name) =>
  withReason(
    __('Give this message up'),
    'give_up',
    { name },
    {
      text: __('It blocks the queue of its system. The queue goes on with the next one.'),
      danger: true,
      done: __('Given up'),
    },
  )
export const resend = (name) =>
  withReason(
    __('Send again'),
    'resend',
    { name },
    {
      text: __('Afterwards the system is told what is true of the person now.'),
      done: __('Queued again'),
    },
  )

export const replay = (name) =>
  withReason(
    __('Process again'),
    'replay',
    { name },
    { text: __('With the codes and records of today. The sender is told nothing.'), done: __('Processed') },
  )

const MESSAGE_STATES = ['Received', 'Processed', 'Conflict', 'Rejected', 'Error']
const DELIVERY_STATES = ['Open', 'Unsent', 'Queued', 'Sent', 'Retrying', 'Acknowledged', 'Dead']
const period = [
  { fieldname: 'from_time', label: 'From', fieldtype: 'Datetime' },
  { fieldname: 'to_time', label: 'To', fieldtype: 'Datetime' },
]
const options = (words) => words.join('\n')

/** The two directions: what is asked, what is shown, what one record opens. */
export const DIRECTIONS = {
  out: {
    doctype: 'HL7 Delivery',
    list: 'deliveries',
    one: 'delivery',
    filters: [
      { fieldname: 'endpoint', label: 'System', fieldtype: 'Link', options: 'HL7 Endpoint' },
      { fieldname: 'status', label: 'Status', fieldtype: 'Select', options: options(DELIVERY_STATES) },
      {
        fieldname: 'message_type',
        label: 'Message Type',
        fieldtype: 'Select',
        options: options(['PMU^B07', 'PMU^B08', 'MFN^M02']),
      },
      { fieldname: 'practitioner', label: 'Practitioner', fieldtype: 'Link', options: 'Practitioner' },
      { fieldname: 'text', label: 'Control Id', fieldtype: 'Data' },
      ...period,
    ],
  },
  in: {
    doctype: 'HL7 Message',
    list: 'messages',
    one: 'message',
    filters: [
      { fieldname: 'sender', label: 'Sender', fieldtype: 'Data' },
      { fieldname: 'status', label: 'Status', fieldtype: 'Select', options: options(MESSAGE_STATES) },
      { fieldname: 'message_type', label: 'Message Type', fieldtype: 'Data' },
      {
        fieldname: 'decision',
        label: 'Decision',
        fieldtype: 'Select',
        options: options(['Allowed', 'Denied']),
      },
      { fieldname: 'text', label: 'Control Id', fieldtype: 'Data' },
      ...period,
    ],
  },
}

const given = (filters) =>
  Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== null && value !== ''))

/** One page of messages. @param {'in' | 'out'} direction */
export const browse = (direction, filters, start) =>
  read(`${API}.${DIRECTIONS[direction].list}`, { ...given(filters), start, page_length: PAGE })

/** One message with its contents; the reading is recorded. */
export const open = (direction, name) => read(`${API}.${DIRECTIONS[direction].one}`, { name })

/** How long something waits, roughly and in words. @param {number | null} seconds */
export function waiting(seconds) {
  if (seconds === null || seconds === undefined) return ''
  const rounded =
    seconds < 60 ? seconds : seconds < 3600 ? seconds - (seconds % 60) : seconds - (seconds % 3600)
  return display(Math.max(1, rounded), { fieldtype: 'Duration' })
}

const STATE_TONES = {
  Idle: 'green',
  Sending: 'blue',
  Retrying: 'orange',
  Paused: 'orange',
  'Not Running': 'red',
  Disabled: 'gray',
}
export const stateTone = (state) => STATE_TONES[state] ?? 'gray'

/**
 * How the gate is, as a colour, a sentence and details.
 * @param {{reachable: boolean, status?: string, troubles?: string[], version?: number, ledger: number, behind?: number, lag_seconds?: number}} gate
 */
export function gateWords(gate) {
  if (!gate.reachable)
    return {
      tone: 'red',
      title: __('The gate does not answer'),
      text: __(
        'Other systems cannot check privileges now. Please tell the operator: the process medaffairs-gate.',
      ),
    }
  if (gate.status !== 'ok')
    return {
      tone: 'orange',
      title: __('The gate answers, but has troubles'),
      text: (gate.troubles ?? []).map((trouble) => __(trouble)).join('\n'),
    }
  return {
    tone: 'green',
    title: __('The gate answers'),
    text: gate.behind
      ? __('{0} changes have not arrived there yet.', [gate.behind])
      : __('It knows every change.'),
  }
}
