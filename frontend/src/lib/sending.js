/** Sends what waits as soon as there is a network, and says of each record what became of it. */
import { watch } from 'vue'
import { done } from './notify'
import { online } from './offline'
import { flush, outbox } from './outbox'
import { router } from '../router'
import { toast } from 'frappe-ui'

const listeners = new Set()

/** @param {(row: object, doc: object) => void} listener told of every record that was sent @returns {() => void} */
export function onSent(listener) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const sendWaiting = () =>
  flush({
    sent(row, doc, to) {
      done(row.title, __('sent and saved'), {
        action: { label: __('Open'), altText: __('Open'), onClick: () => router.push(to) },
      })
      for (const listener of listeners) listener(row, doc)
    },
    refused(row, problem) {
      toast.error(__('{0}: {1}', [row.title, problem.message]), {
        duration: 15,
        action: { label: __('Look'), altText: __('Look'), onClick: () => router.push({ name: 'Outbox' }) },
      })
    },
  })

/** Begins with the page; also after a time without a network. */
export function watchOutbox() {
  watch(online, (now) => now && sendWaiting())
  if (online.value && outbox.rows.length) sendWaiting()
}
