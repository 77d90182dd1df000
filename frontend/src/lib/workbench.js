/** What needs this person today, part by part: one slow part does not hold the others up. */
import { inbox as approvals, myBallots } from './approval'
import { boot, hasRole } from './boot'
import { hospitalNow } from './format'
import { read } from './http'
import { inbox } from './messages'

export const OFFICE = ['Medical Affairs Manager', 'Medical Affairs Officer']
const EXPIRY_DAYS = 60

export const isOffice = () => hasRole(...OFFICE)

/** Notices of the framework, each with the message that it has come from, if it is one. */
async function noticesWithMessages() {
  const [logs, messages] = await Promise.all([
    read('frappe.desk.doctype.notification_log.notification_log.get_notification_logs', { limit: 10 }),
    inbox(),
  ])
  const byNotice = Object.fromEntries(messages.map((message) => [message.vendor_id, message.name]))
  return (logs.notification_logs ?? []).map((row) => ({ ...row, message: byNotice[row.name] }))
}

/** Where each part of the workbench comes from. */
export const SOURCES = {
  approvals,
  ballots: myBallots,
  applications: () => (boot.practitioner ? read('medaffairs.privileging.sheets.my_applications') : []),
  acts: () => (boot.practitioner ? read('medaffairs.privileging.acts.api.waiting_for_me') : []),
  notices: noticesWithMessages,
  owed: () => read('medaffairs.organization.api.owed'),
  expiring: () => read('medaffairs.privileging.api.expiring', { days: EXPIRY_DAYS }),
}

/** Grants that end soon, as a filter of the list. */
export const expiringQuery = () => ({
  status: 'Active',
  valid_to: [
    `>=~${hospitalNow().format('YYYY-MM-DD')}`,
    `<=~${hospitalNow().add(EXPIRY_DAYS, 'day').format('YYYY-MM-DD')}`,
  ],
})

const count = (doctype, filters) => read('frappe.client.get_count', { doctype, filters })

/** Figures that only the office watches. */
export const openActs = () => count('Unauthorized Act', { status: 'Open' })
/** Messages that wait for their answer or were refused and not sent again: what the monitor counts too. */
export async function unacknowledged() {
  const open = count('HL7 Delivery', { status: ['in', ['Queued', 'Sent', 'Retrying']] })
  const refused = count('HL7 Delivery', { status: 'Dead', resent_as: ['is', 'not set'] })
  return (await open) + (await refused)
}

/** How a person is greeted at this hour. */
export function greeting(hour) {
  if (hour < 5) return 'Good night, {0}'
  if (hour < 12) return 'Good morning, {0}'
  if (hour < 18) return 'Good afternoon, {0}'
  return 'Good evening, {0}'
}

export const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
export const weekday = (date) => WEEKDAYS[date.day()]

/** Whole days from today until a moment; today is 0. */
export const daysUntil = (moment) =>
  Math.max(0, hospitalNow().startOf('day').diff(String(moment).slice(0, 10), 'day') * -1)
