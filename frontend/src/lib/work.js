/**
 * Long work that this person began: it is asked from the server, so that it is there after a reload and on the phone.
 * Asked when the page opens, after something that begins work, and every few seconds while something runs.
 */
import { ref } from 'vue'
import { boot } from './boot'
import { onWrote, read } from './http'
import { recordRoute } from './navigation'
import { ended, id } from './longWork'
import { router } from '../router'
import { toast } from 'frappe-ui'

const EVERY = 4000
const FIRST = 3000
const BEGINS = /form_start_import|background_enqueue_run|make_prepared_report|generate_report/
const told = () => `work:${boot.user}`

/** @type {import('vue').Ref<{doctype: string, name: string, title: string, state: string, percent: number | null}[]>} */
export const running = ref([])
let timer = null
let known = null

function tell(row) {
  const words =
    row.state === 'done' ? __('{0}: finished', [__(row.title)]) : __('{0}: failed', [__(row.title)])
  const open = () => router.push(recordRoute(row.doctype, row.name))
  toast[row.state === 'done' ? 'success' : 'error'](words, {
    duration: 15,
    action: { label: __('Open'), altText: __('Open'), onClick: open },
  })
}

export async function look() {
  clearTimeout(timer)
  let rows
  try {
    rows = await read('medaffairs.face.api.work', {}, { quiet: true })
  } catch {
    return
  }
  known ??= JSON.parse(localStorage.getItem(told()) ?? '[]')
  ended(rows, known).forEach(tell)
  running.value = rows.filter((row) => row.state === 'running')
  known = running.value.map(id)
  localStorage.setItem(told(), JSON.stringify(known))
  if (running.value.length) timer = setTimeout(look, EVERY)
}

export function watchWork() {
  setTimeout(look, FIRST)
  onWrote((method) => BEGINS.test(method) && setTimeout(look, 500))
}
