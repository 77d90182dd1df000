/**
 * Records that are handled step by step rather than approved: which steps somebody may take now, what each asks for,
 * and the door that takes it. A module adds one entry to `HANDLED`; the forms are those of `lib/actions.js`.
 */
import { HANDLED_CASES } from './cases'
import { read, write } from './http'
import { isOffice } from './workbench'

const DEMERIT = 'medaffairs.demerit.api'
const IMPROVEMENT = 'medaffairs.improvement.api'
const EVENT = 'medaffairs.adverse_event.api'

const words = (label, reqd = 1, fieldname = 'words') => ({ fieldname, label, fieldtype: 'Text', reqd })
const evidence = { fieldname: 'evidence', label: 'Evidence', fieldtype: 'Attach' }

/** The doors of a module, named as all of them are. */
const possible = (api) => (doc) => read(`${api}.possible_steps`, { name: doc.name })
const take = (api) => (doc, action, given) => write(`${api}.take`, { name: doc.name, action, ...given })

const demerits = {
  /** What the server offers. */
  steps: possible(DEMERIT),
  take: take(DEMERIT),
  /** Whether fields are still open to those who may write. */
  open: (doc) => doc.workflow_state === 'Draft',
  forms: {
    'Issue Notice': {
      icon: 'send',
      text: 'The person is told until the notice is read, and can appeal until the time limit ends.',
    },
    Accept: { icon: 'check', text: 'The points count at once. An appeal is not possible afterwards.' },
    Appeal: {
      icon: 'message-square',
      text: 'The medical-affairs office reviews the record. Write what speaks against it.',
      fields: [words('Appeal'), evidence],
    },
    Uphold: {
      icon: 'check',
      fields: [words('Opinion'), { fieldname: 'points', label: 'Points', fieldtype: 'Float', reqd: 1 }],
      values: (doc) => ({ points: doc.points }),
    },
    Dismiss: { icon: 'x', fields: [words('Reason')] },
    Confirm: { icon: 'check' },
    Overturn: {
      icon: 'rotate-ccw',
      danger: true,
      text: 'The points are gone, and penalties are derived anew.',
      fields: [words('Reason')],
    },
  },
}

/** Two doors beside the steps open to whoever may take the step of the same people. */
const BESIDE = { 'Hand In': 'Log Progress', 'Call Off': 'Change Due Date' }

const improvements = {
  steps: async (doc) =>
    (await possible(IMPROVEMENT)(doc)).flatMap((step) => (BESIDE[step] ? [BESIDE[step], step] : [step])),
  take: take(IMPROVEMENT),
  open: (doc) => !['Improved', 'Called Off'].includes(doc.workflow_state),
  forms: {
    Start: { icon: 'play' },
    'Log Progress': {
      icon: 'edit-3',
      fields: [words('What was done', 1, 'text'), evidence],
      run: (doc, given) => write(`${IMPROVEMENT}.log_progress`, { name: doc.name, ...given }),
    },
    'Hand In': { icon: 'send', fields: [words('What was done'), evidence] },
    Pass: { icon: 'check', fields: [words('Opinion', 0)] },
    'Send Back': { icon: 'corner-up-left', fields: [words('Opinion')] },
    'Change Due Date': {
      icon: 'calendar',
      fields: [
        { fieldname: 'due_date', label: 'Due Date', fieldtype: 'Date', reqd: 1 },
        words('Reason', 1, 'reason'),
      ],
      values: (doc) => ({ due_date: doc.due_date }),
      run: (doc, given) => write(`${IMPROVEMENT}.change_due_date`, { name: doc.name, ...given }),
    },
    'Call Off': { icon: 'slash', danger: true, fields: [words('Reason')] },
  },
}

const PENALTY_STEPS = { 'Not Issued': ['Issue', 'Handle Otherwise'], Issued: ['End', 'Handle Otherwise'] }

const penalties = {
  steps: async (doc) => (isOffice() && PENALTY_STEPS[doc.status]) || [],
  open: () => false,
  /** Its steps are no approvals: nobody has an opinion on it. */
  silent: true,
  forms: {
    Issue: {
      icon: 'send',
      text: 'The person is told until it is read. What the rule suspends is refused at once.',
      run: (doc) => write(`${DEMERIT}.issue_penalty`, { name: doc.name }),
    },
    End: {
      icon: 'check',
      fields: [words('Handling', 0)],
      run: (doc, given) => write(`${DEMERIT}.end_penalty`, { name: doc.name, ...given }),
    },
    'Handle Otherwise': {
      icon: 'shuffle',
      text: 'Write what was done instead. What it has suspended comes back.',
      fields: [words('Handling')],
      run: (doc, given) => write(`${DEMERIT}.handle_otherwise`, { name: doc.name, ...given }),
    },
  },
}

const department = (fieldname, label) => ({
  fieldname,
  label,
  fieldtype: 'Link',
  options: 'Clinical Department',
  reqd: 1,
})
const linked = (fieldname, label, options) => ({ fieldname, label, fieldtype: 'Link', options })

const events = {
  /** The page of an event has asked already. */
  steps: async (doc) => doc.offered ?? possible(EVENT)(doc),
  take: (doc, action, given) =>
    write(`${EVENT}.take`, { name: doc.name, action, seen: doc.workflow_state, ...given }),
  open: () => false,
  forms: {
    Forward: { icon: 'check', fields: [words('Opinion', 0)] },
    Accept: { icon: 'inbox', fields: [words('Opinion', 0)] },
    Return: {
      icon: 'corner-up-left',
      text: 'The reporter reads the reason and supplements the report.',
      fields: [words('Reason')],
    },
    Resubmit: { icon: 'send', fields: [words('Supplement')] },
    Withdraw: { icon: 'x' },
    Transfer: {
      icon: 'shuffle',
      fields: [department('department', 'Managing Department'), words('Reason')],
    },
    Decline: { icon: 'slash', danger: true, fields: [words('Reason')] },
    'Hand In': { icon: 'send', fields: [words('Opinion', 0)] },
    'Send Back': { icon: 'corner-up-left', fields: [words('Reason')] },
    Archive: {
      icon: 'archive',
      text: 'Write what was changed: the reporter reads it.',
      fields: [words('Change Made')],
    },
    Reopen: { icon: 'rotate-ccw', fields: [words('Reason')] },
    Classify: {
      icon: 'tag',
      fields: [
        linked('category', 'Category', 'Adverse Event Category'),
        linked('harm_level', 'Harm Level', 'Harm Level'),
        linked('grade', 'Grade', 'Adverse Event Grade'),
      ],
      values: ({ category, harm_level, grade }) => ({ category, harm_level, grade }),
      run: (doc, values) => write(`${EVENT}.classify`, { name: doc.name, values, seen: doc.modified }),
    },
    'Ask Jointly': {
      icon: 'users',
      fields: [department('department', 'Department'), words('Question', 1, 'question')],
      run: (doc, given) => write(`${EVENT}.ask_jointly`, { name: doc.name, ...given }),
    },
    Reply: {
      icon: 'message-square',
      fields: [words('Reply', 1, 'reply')],
      run: (doc, given) => write(`${EVENT}.reply_jointly`, { name: doc.name, ...given }),
    },
    'Open Action': {
      icon: 'tool',
      fields: [
        { fieldname: 'problem', label: 'Problem', fieldtype: 'Data', reqd: 1 },
        department('department', 'Department'),
        { fieldname: 'due_date', label: 'Due Date', fieldtype: 'Date', reqd: 1 },
        { fieldname: 'standard', label: 'Standard', fieldtype: 'Small Text' },
      ],
      values: (doc) => ({ department: doc.department }),
      run: (doc, given) => write(`${EVENT}.open_action`, { name: doc.name, ...given }),
    },
    'Report Outside': {
      icon: 'external-link',
      fields: [
        { fieldname: 'day', label: 'Reported to Authorities On', fieldtype: 'Date', reqd: 1 },
        { fieldname: 'number', label: 'Number at the Authority', fieldtype: 'Data' },
      ],
      run: (doc, given) => write(`${EVENT}.note_external`, { name: doc.name, ...given }),
    },
  },
}

const QUALITY = 'medaffairs.adverse_event.quality.api'
const qualityReports = {
  steps: possible(QUALITY),
  take: take(QUALITY),
  open: () => true,
  /** Nothing is said at its step. */
  silent: true,
  forms: {
    Generate: {
      icon: 'file-text',
      text: 'Counts the period anew and writes the Word file and the PDF; files of an earlier run are replaced.',
    },
  },
}

export const HANDLED = {
  'Adverse Event Report': events,
  'Demerit Record': demerits,
  'Improvement Action': improvements,
  Penalty: penalties,
  'Quality Report': qualityReports,
  ...HANDLED_CASES,
}

/** A step as a small form: only what its fields ask for is sent. */
function action({ take: door, forms }, doc, step) {
  const { icon, danger, text = '', fields: asks = [], values, run = door } = forms[step] ?? {}
  const fields = typeof asks === 'function' ? asks(doc) : asks
  const title = __(step, null, doc.doctype)
  return {
    title,
    icon,
    danger,
    text: text && __(text),
    confirm: title,
    done: __('{0}: done', [title]),
    // A file is attached to the record by those who may write it; the server attaches that of others.
    values: { ...(doc.writable ? { doctype: doc.doctype, name: doc.name } : {}), ...values?.(doc) },
    fields,
    run: (given) => {
      const asked = Object.fromEntries(
        fields
          .filter(({ fieldname }) => given[fieldname] !== undefined)
          .map(({ fieldname }) => [fieldname, given[fieldname]]),
      )
      return run === door ? door(doc, step, asked) : run(doc, asked)
    },
  }
}

/**
 * What this person may do with a record now.
 * @param {object} doc
 * @param {boolean} writable whether the person may write the record itself
 */
export async function stepsOf(doc, writable = false) {
  const entry = HANDLED[doc.doctype]
  const steps = await entry.steps(doc)
  return steps.map((step) => action(entry, { ...doc, writable }, step))
}

/** Whether a record's fields are closed, whoever looks at it. */
export const isClosed = (doc) => Boolean(doc && HANDLED[doc.doctype] && !HANDLED[doc.doctype].open(doc))
