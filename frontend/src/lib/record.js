/** One record on the screen: load, change, save, act. Components show it; what happens is decided here. */
import { computed, getCurrentScope, reactive, toRaw, watch } from 'vue'
import { boot } from './boot'
import { opinions } from './approval'
import { dropDraft, findDraft, keepDraft } from './draft'
import { levels, missing, newDoc, toWire } from './form'
import { HANDLED, isClosed } from './handling'
import { ServerError, read, readAll, write, writeAll } from './http'
import { keepTitles } from './links'
import { getMeta } from './meta'
import { discardQueued, enqueue, isOffline, queued } from './outbox'

const copy = (value) => JSON.parse(JSON.stringify(value ?? null))

async function fetchDoc(doctype, name) {
  const body = await readAll('frappe.desk.form.load.getdoc', { doctype, name })
  keepTitles(body._link_titles)
  return { doc: body.docs[0], docinfo: body.docinfo ?? {} }
}

/** Milliseconds after the last change. */
const DRAFT_AFTER = 1500

/** Opinions go through the approval engine, where the app has one for this DocType. */
export const ENGINE_DOCTYPES = ['Privilege Application']

/**
 * @param {string} doctype
 * @param {string | undefined} name empty for a new record
 */
export function useRecord(doctype, name) {
  const state = reactive({
    meta: null,
    children: {},
    workflow: null,
    doc: null,
    saved: null,
    docinfo: {},
    transitions: [],
    opinions: [],
    draft: null,
    busy: false,
    error: '',
    problems: {},
    conflict: null,
  })

  const isNew = computed(() => Boolean(state.doc?.__islocal))
  const dirty = computed(
    () => Boolean(state.doc) && JSON.stringify(state.doc) !== JSON.stringify(state.saved),
  )
  const allowed = computed(() => (state.meta ? levels(state.meta) : { read: new Set(), write: new Set() }))
  const may = computed(() => state.docinfo.permissions ?? {})
  const locked = computed(() => !isNew.value && (!Number(may.value.write ?? 0) || isClosed(state.saved)))

  function show(doc, docinfo) {
    state.doc = doc
    state.saved = copy(doc)
    if (docinfo) state.docinfo = docinfo
    state.problems = {}
    state.conflict = null
  }

  /** What waited for a network and was not sent: beside what somebody else saved meanwhile, if that is so. */
  function takeQueued() {
    const row = queued(state.doc)
    if (!row) return
    if (row.doc.modified !== state.doc.modified)
      state.conflict = { theirs: state.doc, base: row.base ?? state.doc }
    state.doc = copy(row.doc)
  }

  /** What was said at the steps of a record that is handled. */
  async function loadOpinions() {
    if (isNew.value || HANDLED[doctype].silent) return
    state.opinions = await opinions(doctype, state.doc.name).catch(() => [])
  }

  async function loadTransitions() {
    state.transitions = []
    if (doctype in HANDLED) return loadOpinions()
    if (!state.workflow || isNew.value) return
    if (ENGINE_DOCTYPES.includes(doctype)) {
      const answer = await read('medaffairs.approval.api.actions', { doctype, name: state.doc.name }).catch(
        () => [],
      )
      state.transitions = answer ?? []
      return
    }
    const answer = await write('frappe.model.workflow.get_transitions', { doc: toRaw(state.doc) }).catch(
      () => [],
    )
    state.transitions = (answer ?? []).map((row) => ({ action: row.action, next_state: row.next_state }))
  }

  async function load(given = {}) {
    state.busy = true
    state.error = ''
    try {
      Object.assign(state, await getMeta(doctype))
      if (name) {
        const { doc, docinfo } = await fetchDoc(doctype, name)
        show(doc, docinfo)
        takeQueued()
        await loadTransitions()
      } else show(newDoc(state.meta, given), {})
      const draft = queued(state.doc) ? null : findDraft(boot.user, doctype, name || 'new')
      state.draft = draft && JSON.stringify(draft.doc) !== JSON.stringify(state.saved) ? draft : null
    } catch (problem) {
      state.error = problem
    } finally {
      state.busy = false
    }
  }

  function takeDraft() {
    const kept = state.draft.doc
    state.doc = { ...kept, modified: state.saved.modified, docstatus: state.saved.docstatus }
    state.draft = null
  }

  function forgetDraft() {
    dropDraft(boot.user, doctype, name || 'new')
    state.draft = null
  }

  /** Which field a server's complaint speaks of, by its label. */
  function locate(problem) {
    const text = problem.messages?.join(' ') || problem.message
    const named = state.meta.fields.filter(
      (field) => field.label && (text.includes(field.label) || text.includes(__(field.label))),
    )
    return Object.fromEntries(named.slice(0, 3).map((field) => [field.fieldname, problem.message]))
  }

  async function explainConflict(problem) {
    const { doc } = await fetchDoc(doctype, name)
    state.conflict = { theirs: doc, base: copy(state.saved) }
    throw problem
  }

  function check() {
    const gaps = missing(state.meta, state.children, state.doc, allowed.value)
    state.problems = Object.fromEntries(
      gaps.map((gap) => [gap.fieldname, __('Please fill in {0}', [gap.label])]),
    )
    if (!gaps.length) return
    throw new ServerError(__('Please fill in: {0}', [gaps.map((gap) => gap.label).join('、')]))
  }

  async function send(action) {
    check()
    state.busy = true
    try {
      const body = await writeAll('frappe.desk.form.save.savedocs', {
        doc: toWire(toRaw(state.doc)),
        action,
      })
      dropDraft(boot.user, doctype, name || 'new')
      discardQueued(state.doc)
      const answer = body.docs?.[0] ?? state.doc
      show(answer, body.docinfo)
      await loadTransitions()
      return answer
    } catch (problem) {
      keepDraft(boot.user, toRaw(state.doc))
      if (isOffline(problem) && action === 'Save') {
        enqueue(copy(state.doc), state.doc[state.meta.title_field], copy(state.saved))
        throw new ServerError(
          __('There is no network. The record waits on this device and is sent as soon as there is one.'),
        )
      }
      if (problem.type === 'TimestampMismatchError' && name) await explainConflict(problem)
      state.problems = locate(problem)
      throw problem
    } finally {
      state.busy = false
    }
  }

  /** Takes for each field what the person chose, on top of the newer record. */
  function resolve(choices) {
    const { theirs, base } = state.conflict
    const merged = { ...theirs }
    for (const field of state.meta.fields.map((entry) => entry.fieldname)) {
      const changed = JSON.stringify(state.doc[field] ?? null) !== JSON.stringify(base[field] ?? null)
      if (choices[field] === 'mine' || (changed && choices[field] === undefined))
        merged[field] = state.doc[field]
    }
    state.saved = copy(theirs)
    state.doc = merged
    state.conflict = null
  }

  async function act(transition, opinion = '') {
    state.busy = true
    try {
      if (ENGINE_DOCTYPES.includes(doctype)) {
        await write('medaffairs.approval.api.act', {
          doctype,
          name: state.doc.name,
          action: transition.action,
          opinion,
        })
      } else {
        await write('frappe.model.workflow.apply_workflow', {
          doc: toRaw(state.doc),
          action: transition.action,
        })
        if (opinion) await comment(opinion)
      }
      await load()
    } finally {
      state.busy = false
    }
  }

  const comment = (text) =>
    write('frappe.desk.form.utils.add_comment', {
      reference_doctype: doctype,
      reference_name: state.doc.name,
      content: text,
      comment_email: boot.user,
      comment_by: boot.full_name,
    })

  async function cancel() {
    await writeAll('frappe.desk.form.save.cancel', { doctype, name: state.doc.name })
    await load()
  }

  const remove = () => write('frappe.client.delete', { doctype, name: state.doc.name })

  const keep = () => dirty.value && keepDraft(boot.user, toRaw(state.doc))

  /** A phone may end the page at any time without telling it, so a draft is kept a moment after each change. */
  let pause = null
  const later = () => (clearTimeout(pause), (pause = setTimeout(keep, DRAFT_AFTER)))
  if (getCurrentScope()) watch(() => state.doc, later, { deep: true })

  return {
    state,
    isNew,
    dirty,
    allowed,
    may,
    locked,
    load,
    takeDraft,
    forgetDraft,
    save: () => send('Save'),
    submit: () => send('Submit'),
    resolve,
    act,
    comment,
    cancel,
    remove,
    keep,
  }
}
