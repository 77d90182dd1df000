/** Warnings, complaints, disputes and claims: what each step asks for, and what stands beside a case. */
import { read, write } from './http'

const API = 'medaffairs.dispute.api'
export const CASES = ['Dispute Warning', 'Medical Complaint', 'Medical Dispute', 'Insurance Claim']
/** Steps in the order in which they are wanted: what moves the case on comes first. */
const ORDER = [
  'Submit',
  'Report',
  'Take Up',
  'Answer',
  'Hand In Materials',
  'Pay',
  'Circulate',
  'Turn into Complaint',
  'Turn into Dispute',
  'Open Claim',
  'Close',
  'Archive',
  'Supplement',
  'Explain',
  'Switch Mode',
  'Hand Over',
  'Return',
  'Refuse',
  'Refuse to Pay',
  'Reopen',
  'Withdraw',
]
const OWN = ['Draft', 'Returned']
const OPEN = [...OWN, 'Submitted', 'In Handling', 'Answered', 'Reported', 'Materials Handed In']

const words = (label, reqd = 1, fieldname = 'words') => ({ fieldname, label, fieldtype: 'Text', reqd })
const file = { fieldname: 'evidence', label: 'File', fieldtype: 'Attach' }
const person = (fieldname, label, reqd = 0) => ({
  fieldname,
  label,
  fieldtype: 'Link',
  options: 'Practitioner',
  reqd,
})
const choice = (fieldname, label, dictionary, reqd = 1) => ({
  fieldname,
  label,
  fieldtype: 'Link',
  options: 'Dictionary Item',
  link_filters: JSON.stringify([['Dictionary Item', 'dictionary', '=', dictionary]]),
  reqd,
})
const satisfaction = {
  fieldname: 'satisfaction',
  label: 'Satisfaction',
  fieldtype: 'Select',
  options: '\nSatisfied\nRather Satisfied\nNot Satisfied',
}
const day = (label) => ({ fieldname: 'day', label, fieldtype: 'Date' })
const READERS = ['reader_1', 'reader_2', 'reader_3', 'reader_4']
const MODES = { 'Medical Complaint': 'COMPLAINT_MODE', 'Medical Dispute': 'DISPUTE_ROUTE' }
const MODE_LABELS = { 'Medical Complaint': 'Handling Mode', 'Medical Dispute': 'Way of Settlement' }

const circulate = {
  icon: 'users',
  text: 'Each reader sees the case, writes nothing in it and replies in his own words.',
  fields: [
    person(READERS[0], 'Reader', 1),
    ...READERS.slice(1).map((name) => person(name, 'Further Reader')),
    words('What Is Asked', 1, 'question'),
    { fieldname: 'answer_by', label: 'Answer By', fieldtype: 'Date' },
  ],
  run: (doc, given) =>
    write(`${API}.circulate`, {
      doctype: doc.doctype,
      name: doc.name,
      readers: READERS.map((name) => given[name]).filter(Boolean),
      question: given.question,
      answer_by: given.answer_by ?? '',
    }),
}

const forms = {
  Submit: {
    icon: 'send',
    text: 'Those who handle cases are told. It can be withdrawn until it is taken up.',
  },
  Report: { icon: 'send', text: 'The insurer was told of the case.' },
  Withdraw: { icon: 'corner-up-left' },
  'Take Up': { icon: 'check', text: 'You are the handler from now on.' },
  Return: { icon: 'corner-up-left', fields: [words('Reason')] },
  Supplement: { icon: 'plus', fields: [words('Supplement'), file] },
  Explain: { icon: 'message-square', fields: [words('Explanation'), file] },
  Circulate: circulate,
  'Switch Mode': {
    icon: 'shuffle',
    fields: (doc) => [choice('mode', MODE_LABELS[doc.doctype], MODES[doc.doctype]), words('Reason')],
  },
  'Hand Over': {
    icon: 'user-plus',
    text: 'The new handler is told and sees the case.',
    fields: [person('to', 'Handler', 1), words('Reason')],
  },
  Answer: { icon: 'check', fields: [words('Answer to the Complainant'), file] },
  Refuse: {
    icon: 'slash',
    danger: true,
    fields: [choice('ground', 'Ground of the Refusal', 'COMPLAINT_REFUSAL'), words('Reason')],
  },
  Reopen: { icon: 'rotate-ccw', fields: [words('Reason')] },
  'Turn into Complaint': { icon: 'arrow-right', text: 'A complaint is made and filled from this warning.' },
  'Turn into Dispute': { icon: 'arrow-right', text: 'A dispute is made and filled from this case.' },
  'Open Claim': { icon: 'arrow-right', text: 'An insurance claim is made and filled from this dispute.' },
  Close: {
    icon: 'check-circle',
    fields: (doc) => [words('Result'), ...(doc.doctype === 'Medical Complaint' ? [satisfaction] : [])],
  },
  Archive: { icon: 'archive' },
  'Hand In Materials': { icon: 'paperclip', fields: [day('Materials Handed In On')] },
  Pay: {
    icon: 'check-circle',
    fields: [
      { fieldname: 'amount', label: 'Amount Paid', fieldtype: 'Float', reqd: 1 },
      day('Paid On'),
      words('Result', 0),
    ],
  },
  'Refuse to Pay': { icon: 'x', danger: true, fields: [words('Reason')] },
}

const entry = {
  steps: async (doc) => {
    const found = await read(`${API}.possible_steps`, { doctype: doc.doctype, name: doc.name })
    return ORDER.filter((step) => found.includes(step))
  },
  take: (doc, action, given) =>
    write(`${API}.take`, { doctype: doc.doctype, name: doc.name, action, ...given }),
  open: (doc) => OPEN.includes(doc.workflow_state),
  forms,
}
export const HANDLED_CASES = Object.fromEntries(CASES.map((doctype) => [doctype, entry]))

/** What stands beside a case: chain, circulations, records, notices. */
export const besides = (doctype, name) => read(`${API}.case`, { doctype, name })
export const viewers = (doctype, name) => read(`${API}.viewers`, { doctype, name })

export const replyTo = (circulation) => ({
  title: __('Reply'),
  confirm: __('Reply'),
  icon: 'message-square',
  text: circulation.question,
  done: __('Your reply was sent.'),
  values: { name: circulation.name },
  fields: [words('Reply'), file],
  run: ({ words: said, evidence }) =>
    write(`${API}.reply`, { name: circulation.name, words: said, evidence: evidence ?? '' }),
})

export const takeBack = (circulation) => ({
  title: __('Take Back'),
  confirm: __('Take Back'),
  icon: 'corner-up-left',
  text: __('{0} sees the case no more.', [circulation.reader_name]),
  values: {},
  fields: [],
  run: () => write(`${API}.take_back`, { name: circulation.name }),
})

export const voidRecord = (record) => ({
  title: __('Void the record'),
  confirm: __('Void'),
  icon: 'slash',
  danger: true,
  text: __('The record stays and is shown as void, with the reason beside it.'),
  values: {},
  fields: [words('Reason', 1, 'reason')],
  run: ({ reason }) => write(`${API}.void_record`, { name: record.name, reason }),
})

/** The notice of a complaint, from one of the templates that are for its source. */
export async function issueNotice(complaint) {
  const templates = await read(`${API}.notice_templates`, { complaint })
  return {
    title: __('Issue a notice'),
    confirm: __('Issue a notice'),
    icon: 'file-text',
    text: templates.length ? '' : __('No template is for complaints from this source.'),
    done: __('The notice is in the register.'),
    values: { template: templates[0]?.name },
    fields: [
      {
        fieldname: 'template',
        label: 'Notice Template',
        fieldtype: 'Select',
        options: templates.map((row) => row.name).join('\n'),
        reqd: 1,
      },
    ],
    run: ({ template }) => write(`${API}.issue_notice`, { complaint, template }),
  }
}
