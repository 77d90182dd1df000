/** A question with yes and no, awaited. */
import { reactive } from 'vue'

export const question = reactive({ open: false, title: '', text: '', danger: false, answer: null })

/** @returns {Promise<boolean>} */
export function ask(title, text = '', { danger = false } = {}) {
  return new Promise((resolve) => {
    Object.assign(question, {
      open: true,
      title,
      text,
      danger,
      answer: (value) => {
        question.open = false
        resolve(value)
      },
    })
  })
}
