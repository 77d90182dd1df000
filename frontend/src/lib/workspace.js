/** Workspaces: what a module's start page shows, from the framework's Workspace records. */
import { read, write } from './http'

/**
 * @returns {Promise<{shortcuts: object[], charts: object[], cards: object[], groups: object[]}>}
 */
export async function loadWorkspace(name) {
  const page = await read('frappe.desk.desktop.get_desktop_page', { page: { name, title: name } })
  return {
    shortcuts: page.shortcuts?.items ?? [],
    charts: page.charts?.items ?? [],
    cards: page.number_cards?.items ?? [],
    groups: page.cards?.items ?? [],
  }
}

/** Where a shortcut or link of a workspace leads; null for what this face has no page for. */
export function destination(item) {
  const type = item.type === 'Link' || !item.type ? item.link_type : item.type
  const target = item.link_to
  if (type === 'DocType') {
    const query = parseFilters(item.stats_filter)
    return { name: 'List', params: { doctype: target }, query }
  }
  if (type === 'Report') return { name: 'Report', params: { name: target } }
  if (type === 'Dashboard') return { name: 'Workspace', params: { name: target } }
  if (item.type === 'URL' && item.url?.startsWith('/medaffairs/')) return item.url.slice('/medaffairs'.length)
  return null
}

/** Only equalities can stand in an address: `{"status": "Open"}` or `[["DocType", "status", "=", "Open"]]`. */
export function parseFilters(text) {
  if (!text) return {}
  let filters
  try {
    filters = typeof text === 'string' ? JSON.parse(text) : text
  } catch {
    return {}
  }
  const pairs = Array.isArray(filters)
    ? filters
        .map((row) => (row.length >= 4 ? row.slice(1) : row))
        .filter((row) => row[1] === '=')
        .map((row) => [row[0], row[2]])
    : Object.entries(filters).filter(([, value]) => typeof value !== 'object')
  return Object.fromEntries(pairs)
}

/**
 * Where a card leads whose figure a method computes: `["List", DocType]` or `["query-report", name]`, with
 * `route_options` as its filters; null for anything else.
 * @param {{route?: string[], route_options?: object}} result
 */
export function cardRoute(result) {
  const [page, target] = result?.route ?? []
  const query = parseFilters(result?.route_options)
  if (page === 'query-report') return { name: 'Report', params: { name: target }, query }
  if (page === 'List') return { name: 'List', params: { doctype: target }, query }
  return null
}

/** The figure on a number card. */
export async function cardValue(name) {
  const doc = await read('frappe.client.get', { doctype: 'Number Card', name })
  if (doc.type === 'Custom') {
    const result = await read(doc.method, { filters: doc.filters_json || '{}' })
    return { doc, value: typeof result === 'object' ? result.value : result, to: cardRoute(result) }
  }
  const value = await write('frappe.desk.doctype.number_card.number_card.get_result', {
    doc,
    filters: doc.filters_json || '[]',
  })
  return { doc, value: typeof value === 'object' ? (value?.value ?? 0) : value }
}

/** Where a bar of a chart leads: the list behind it, with the bar's group as a filter where it is one; the report. */
export function chartTarget(doc, label) {
  if (!doc) return null
  if (doc.chart_type === 'Report') return { name: 'Report', params: { name: doc.report_name } }
  if (!doc.document_type) return null
  const group =
    doc.chart_type === 'Group By' && label && label !== 'Other' ? { [doc.group_by_based_on]: label } : {}
  return {
    name: 'List',
    params: { doctype: doc.document_type },
    query: { ...parseFilters(doc.filters_json), ...group },
  }
}

/** Data of a dashboard chart in the form that `chartOption` draws. */
export async function chartData(name) {
  const doc = await read('frappe.client.get', { doctype: 'Dashboard Chart', name })
  if (doc.chart_type === 'Report') {
    const filters = JSON.parse(doc.filters_json || '{}')
    const report = await read('frappe.desk.query_report.run', { report_name: doc.report_name, filters })
    return { doc, chart: report.chart }
  }
  const data = await write('frappe.desk.doctype.dashboard_chart.dashboard_chart.get', {
    chart_name: name,
    filters: doc.filters_json || '[]',
  })
  return { doc, chart: { data, type: String(doc.type || 'Bar').toLowerCase() } }
}
