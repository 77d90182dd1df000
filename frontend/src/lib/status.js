/** Colours of states. Words that end well are green, those that need somebody orange, refusals red. */
const TONES = {
  green: [
    'Active',
    'Granted',
    'Passed',
    'Acknowledged',
    'Processed',
    'Approved',
    'Enabled',
    'Completed',
    'Agree',
    'For',
    'Imported',
    'Submitted',
    'Explained',
    'Improved',
    'Ended',
    'Archived',
    'Answered',
    'Closed',
    'Paid',
    'Replied',
    'Finished',
    'Turned into Complaint',
    'Turned into Dispute',
  ],
  red: [
    'Revoked',
    'Rejected',
    'Not Granted',
    'Failed',
    'Dead',
    'Refuse',
    'Against',
    'Confirmed',
    'Error',
    'Left',
    'Cancelled',
    'Denied',
    'Overdue',
    'Not Paid',
  ],
  orange: [
    'Suspended',
    'Open',
    'Retrying',
    'Queued',
    'Pending',
    'Returned',
    'On Leave',
    'Checked',
    'Planned',
    'Received',
    'Not Issued',
    'To Improve',
    'Awaiting Re-inspection',
    'Under Review',
    'Expired',
    'Reported',
    'To Supplement',
    'Due',
    'Due Soon',
  ],
  blue: [
    'Department Review',
    'Branch Review',
    'Pharmacy Review',
    'Office Review',
    'Committee Vote',
    'Sent',
    'Notice Issued',
    'Issued',
    'Improving',
    'Managing Review',
    'Analysis',
    'Final Review',
    'In Handling',
    'Materials Handed In',
  ],
}
const TONE = Object.fromEntries(
  Object.entries(TONES).flatMap(([tone, words]) => words.map((word) => [word, tone])),
)
const DOCSTATUS = ['gray', 'green', 'red']

/** @param {string | number} value a state or a docstatus */
export function toneOf(value) {
  if (typeof value === 'number') return DOCSTATUS[value] ?? 'gray'
  return TONE[value] ?? 'gray'
}

/** Select fields whose values are states rather than attributes. */
export const isStatus = (field) =>
  ['status', 'workflow_state', 'docstatus', 'employment_status'].includes(field.fieldname)
