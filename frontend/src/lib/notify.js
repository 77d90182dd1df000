/** What people are told in passing: which record, what became of it, and the way to take it back. */
import { toast } from 'frappe-ui'
import { ref } from 'vue'

const UNDO_SECONDS = 10

/** Read out by screen readers when a page has changed. */
export const announced = ref('')
export const announce = (text) => (announced.value = text)

/** @param {Error} problem */
export const fail = (problem) => toast.error(problem.message)

/** `王五（10012）：已保存`. @param {string} record title of the record @param {string} words what became of it */
export const done = (record, words, options = {}) =>
  toast.success(record ? __('{0}: {1}', [record, words]) : words, options)

/**
 * Does something at once on the screen, then on the server; says so with a way back. When the server refuses, the
 * screen is put back.
 * @param {{record: string, words: string, apply: () => void, revert: () => void, send: () => Promise<any>, undo: () => Promise<any>}} deed
 * @returns {Promise<boolean>} whether it stands
 */
export async function optimistic({ record, words, apply, revert, send, undo }) {
  apply()
  try {
    await send()
  } catch (problem) {
    revert()
    fail(problem)
    return false
  }
  done(record, words, {
    duration: UNDO_SECONDS,
    action: {
      label: __('Undo'),
      altText: __('Undo'),
      onClick: async () => {
        revert()
        try {
          await undo()
          done(record, __('taken back'))
        } catch (problem) {
          apply()
          fail(problem)
        }
      },
    },
  })
  return true
}
