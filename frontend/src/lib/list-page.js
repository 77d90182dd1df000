/** The state of a list's page: what its address says, what the server answered, what is chosen. */
import { computed, nextTick, onBeforeUnmount, onMounted, reactive, ref, shallowRef, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { chosenColumns, filterFields, rights } from './list'
import {
  conditionsOf,
  definitionOf,
  differs,
  readAddress,
  viewQuery,
  widthsKey,
  writeAddress,
} from './list-address'
import { fetchCount, fetchGroups, fetchNames, flatten, groupKey, useLive, useRows } from './list-data'
import { editableFields, isEditable } from './list-edit'
import { fetchViews } from './list-views'
import { getMeta } from './meta'
import { recordRoute } from './navigation'

function storedWidths(doctype) {
  try {
    return JSON.parse(localStorage.getItem(widthsKey(doctype)) ?? '{}')
  } catch {
    return {}
  }
}

/** Lists that were left, by address: the way back shows them as they were, then brings them up to date. */
const left = new Map()
const MOST_LEFT = 8

/** @param {string} doctype */
export function useListPage(doctype) {
  const route = useRoute()
  const router = useRouter()
  const bundle = shallowRef(null)
  const problem = shallowRef('')
  const views = shallowRef([])
  const total = ref(null)
  const groups = shallowRef(null)
  const opened = reactive(new Map())
  const selected = shallowRef(new Set())
  const widths = ref(storedWidths(doctype))
  const stale = ref(false)
  const turn = ref(0)
  const data = useRows()
  const top = ref(0)
  let asked = 0
  let loadedFor = ''
  let path = ''

  const meta = computed(() => bundle.value?.meta)
  const workflow = computed(() => bundle.value?.workflow ?? null)
  const state = computed(() => readAddress(route.query, meta.value ?? { fields: [] }))
  const columns = computed(() =>
    meta.value ? chosenColumns(meta.value, workflow.value, state.value.columns) : [],
  )
  const may = computed(() => (meta.value ? rights(meta.value) : {}))
  const sort = computed(() =>
    state.value.sort.length
      ? state.value.sort
      : [[meta.value?.sort_field || 'modified', (meta.value?.sort_order || 'desc').toLowerCase()]],
  )
  const groupField = computed(() => {
    const field = filterFields(meta.value ?? { fields: [] }).find(
      (entry) => entry.fieldname === state.value.group,
    )
    return state.value.group
      ? (field ?? { fieldname: state.value.group, label: 'State', fieldtype: 'Data' })
      : null
  })
  /** Beside the columns a row needs what decides on changing it. */
  const fields = computed(() => [
    ...new Set([
      ...columns.value.map((column) => column.fieldname),
      ...(workflow.value ? [workflow.value.workflow_state_field] : []),
      ...(meta.value?.title_field ? [meta.value.title_field] : []),
      'docstatus',
      'modified',
    ]),
  ])
  const question = computed(() => ({
    doctype,
    where: conditionsOf(state.value),
    search: state.value.search,
    sort: state.value.sort,
  }))
  const items = computed(() => (groups.value ? flatten(groups.value, opened) : data.rows.value))
  const loaded = computed(() => items.value.filter((item) => !item.group && !item.more))
  const openView = computed(() => views.value.find((view) => view.name === state.value.saved) ?? null)
  const definition = computed(() => definitionOf(state.value, widths.value))
  const changed = computed(() =>
    Boolean(openView.value && differs(state.value, openView.value, widths.value)),
  )
  const editable = computed(
    () =>
      new Set(
        may.value.write ? editableFields(meta.value, workflow.value).map((field) => field.fieldname) : [],
      ),
  )
  const canEdit = (column, row) =>
    isEditable(column, row, { meta: meta.value, workflow: workflow.value, editable: editable.value })

  const live = useLive(
    () =>
      meta.value && !problem.value
        ? { doctype, where: question.value.where, search: question.value.search }
        : null,
    () => refresh(),
  )

  /** Another view of the same list: a step that the way back undoes, unless it follows every key that is typed. */
  function go(changes, { replace = false } = {}) {
    const query = writeAddress({ ...state.value, ...changes })
    return replace ? router.replace({ query }) : router.push({ query })
  }

  async function begin() {
    try {
      bundle.value = await getMeta(doctype)
      if (!meta.value) throw new Error(__('This page does not exist'))
      if (Number(meta.value.issingle)) return router.replace(recordRoute(doctype, doctype))
      await loadViews()
      const usual = views.value.find((view) => view.mine && view.is_default)
      if (usual && !Object.keys(route.query).length) await router.replace({ query: viewQuery(usual) })
      if (!(await comeBack())) await load()
    } catch (error) {
      problem.value = error
    }
  }

  /** By the way back a list is shown where it was left. */
  async function comeBack() {
    const known = window.history.state?.forward ? left.get(route.fullPath) : null
    if (!known || state.value.kind !== 'list' || state.value.group) return false
    loadedFor = asks.value
    path = route.fullPath
    data.show(known.rows, known.next, { ...question.value, fields: fields.value })
    Object.assign(total, { value: known.total })
    top.value = known.top
    turn.value++
    await refresh()
    live.reset()
    return true
  }

  function leave() {
    if (!path || groups.value || !data.rows.value.length) return
    const frame = document.querySelector('[data-list-frame]')
    left.delete(path)
    left.set(path, {
      rows: data.rows.value,
      next: data.next.value,
      total: total.value,
      top: frame?.scrollTop ?? 0,
    })
    if (left.size > MOST_LEFT) left.delete(left.keys().next().value)
  }

  const loadViews = () =>
    fetchViews(doctype).then(
      (found) => (views.value = found),
      () => {},
    )

  async function load() {
    const mine = ++asked
    loadedFor = asks.value
    path = route.fullPath
    top.value = 0
    problem.value = ''
    stale.value = false
    selected.value = new Set()
    turn.value++
    countAll()
    if (state.value.kind !== 'list') {
      live.reset()
      return
    }
    if (state.value.group) await loadGroups(mine)
    else {
      groups.value = null
      await data.load({ ...question.value, fields: fields.value })
      if (mine === asked && data.error.value) problem.value = data.error.value
    }
    if (mine === asked) live.reset()
  }

  function countAll() {
    const mine = asked
    fetchCount(question.value).then(
      (found) => mine === asked && (total.value = found),
      () => mine === asked && (total.value = null),
    )
  }

  async function loadGroups(mine) {
    try {
      const found = await fetchGroups(question.value, state.value.group)
      if (mine !== asked) return
      const kept = new Set(found.map((group) => groupKey(group.value)))
      for (const key of opened.keys()) if (!kept.has(key)) opened.delete(key)
      if (!groups.value && found.length) await openGroup(found[0].value)
      else await Promise.all([...opened.keys()].map((key) => openGroup(key)))
      groups.value = found
    } catch (error) {
      problem.value = error
    }
  }

  const groupCondition = (value) =>
    groupKey(value) === '' ? [state.value.group, 'is', 'not set'] : [state.value.group, '=', value]

  async function openGroup(value) {
    const pager = useRows()
    const where = [...question.value.where, groupCondition(value)]
    await pager.load({ ...question.value, where, fields: fields.value })
    opened.set(groupKey(value), reactive({ ...pager }))
  }
  const toggleGroup = (value) => (opened.delete(groupKey(value)) ? null : openGroup(value))
  const moreOfGroup = (value) => opened.get(groupKey(value))?.more()

  /** What others have changed comes in without moving what is read. */
  async function refresh() {
    countAll()
    if (state.value.kind !== 'list') return void turn.value++
    if (groups.value) return loadGroups(asked)
    stale.value = !(await data.refresh())
  }

  const eachPager = (work) => {
    work(data)
    for (const pager of opened.values()) work(pager)
  }
  const patch = (name, values) => eachPager((pager) => pager.patch(name, values))
  const drop = (names) => eachPager((pager) => pager.drop(names))

  function choose({ names, on }) {
    const next = new Set(selected.value)
    for (const name of names) on ? next.add(name) : next.delete(name)
    selected.value = next
  }
  const chooseLoaded = (on) => (selected.value = new Set(on ? loaded.value.map((row) => row.name) : []))
  const chooseAll = async () => (selected.value = new Set(await fetchNames(question.value)))

  function setWidth({ field, width }) {
    widths.value = { ...widths.value, [field]: width }
    localStorage.setItem(widthsKey(doctype), JSON.stringify(widths.value))
  }

  function open(view) {
    if (view.definition.widths) widths.value = { ...view.definition.widths }
    router.push({ query: viewQuery(view) })
  }

  const phone = ref(false)
  const narrow = window.matchMedia('(max-width: 639px)')
  const measure = () => (phone.value = narrow.matches)
  onMounted(() => {
    measure()
    narrow.addEventListener('change', measure)
    begin()
  })
  onBeforeUnmount(() => {
    leave()
    narrow.removeEventListener('change', measure)
  })

  const asks = computed(() =>
    JSON.stringify([question.value, fields.value, state.value.group, state.value.kind]),
  )
  watch(asks, async () => {
    await nextTick()
    const here = route.name === 'List' && route.params.doctype === doctype
    if (here && turn.value && asks.value !== loadedFor) load()
  })

  return reactive({
    bundle, meta, workflow, state, columns, may, sort, groupField, question, items, loaded, total, problem, selected,
    widths, top, stale, views, openView, definition, changed, phone, turn, busy: data.busy, next: data.next, opened,
    canEdit, go, load, loadViews, refresh, more: data.more, toggleGroup, moreOfGroup, patch, drop, choose,
    chooseLoaded, chooseAll, setWidth, open, live,
  }) // prettier-ignore
}
