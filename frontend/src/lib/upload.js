/** Sends a file with progress; private unless the field says otherwise. */
import { boot } from './boot'
import { ServerError, messagesOf } from './http'

/**
 * @param {File} file
 * @param {{doctype?: string, docname?: string, fieldname?: string, isPrivate?: boolean, onProgress?: (share: number) => void}} target
 * @returns {Promise<{file_url: string, file_name: string, name: string}>}
 */
export function upload(file, { doctype, docname, fieldname, isPrivate = true, onProgress } = {}) {
  const form = new FormData()
  form.append('file', file, file.name)
  form.append('is_private', isPrivate ? '1' : '0')
  if (doctype && docname) {
    form.append('doctype', doctype)
    form.append('docname', docname)
    if (fieldname) form.append('fieldname', fieldname)
  }
  return new Promise((resolve, reject) => {
    const sender = new XMLHttpRequest()
    sender.open('POST', '/api/method/upload_file')
    sender.setRequestHeader('Accept', 'application/json')
    sender.setRequestHeader('X-Frappe-CSRF-Token', boot.csrf_token)
    sender.responseType = 'json'
    sender.upload.onprogress = (event) => event.lengthComputable && onProgress?.(event.loaded / event.total)
    sender.onerror = () => reject(new ServerError(__('The upload was interrupted. Please try again.')))
    sender.onload = () => {
      if (sender.status < 400) return resolve(sender.response.message)
      const text = messagesOf(sender.response).join('\n') || __('The file could not be stored.')
      reject(new ServerError(text, { status: sender.status, type: sender.response?.exc_type }))
    }
    sender.send(form)
  })
}
