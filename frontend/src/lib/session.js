/** Signing in and out without losing the page. */
import { boot } from './boot'
import { plain, request, write } from './http'
import { forgetPersonal } from './offline'
import { forgetPlaces } from './places'
import { forgetVisited } from './recent'

/** Fetches what the page would have been delivered with: after signing in, token and roles are new. */
export async function refreshBoot() {
  const body = await request('/api/method/medaffairs.face.api.boot', { quiet: true })
  Object.assign(boot, body.message)
  forgetPlaces()
}

const login = (values) => request('/api/method/login', { method: 'POST', json: values, quiet: true })

/**
 * What an answer to a sign-in asks for next.
 * @returns {Promise<{step: 'done'|'code'|'renew', tmpId?: string, prompt?: string, key?: string}>}
 */
async function stepAfter(body) {
  if (body?.verification && body.tmp_id) {
    return { step: 'code', tmpId: body.tmp_id, prompt: plain(body.verification.prompt || '') }
  }
  const key = body?.redirect_to && new URL(body.redirect_to, window.location.origin).searchParams.get('key')
  if (key) return { step: 'renew', key }
  await refreshBoot()
  return { step: 'done' }
}

/**
 * @param {string} usr user or e-mail
 * @param {string} pwd
 */
export async function signIn(usr, pwd) {
  return stepAfter(await login({ usr, pwd }))
}

/**
 * The second factor: the code that an authenticator app shows or a mail brought.
 * @param {string} tmpId the number of the first step
 * @param {string} otp
 */
export async function confirmCode(tmpId, otp) {
  return stepAfter(await login({ tmp_id: tmpId, otp }))
}

/** A new password by the key of a link; whether the person is signed in with it. */
export async function renewPassword(key, password) {
  await request('/api/method/frappe.core.doctype.user.user.update_password', {
    method: 'POST',
    json: { key, new_password: password },
    quiet: true,
  })
  await refreshBoot()
  return boot.user !== 'Guest'
}

/** Asks for a mail with a link to a new password; the answer never says whether there is such a person. */
export async function forgotPassword(user) {
  await request('/api/method/frappe.core.doctype.user.user.reset_password', {
    method: 'POST',
    json: { user },
    quiet: true,
  })
}

export async function signOut() {
  await write('logout')
  forgetVisited()
  await forgetPersonal()
  window.location.assign('/medaffairs/login')
}
