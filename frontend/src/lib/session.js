/** Signing in and out without losing the page. */
import { boot } from './boot'
import { request, write } from './http'
import { forgetPersonal } from './offline'
import { forgetPlaces } from './places'
import { forgetVisited } from './recent'

/** Fetches what the page would have been delivered with: after signing in, token and roles are new. */
export async function refreshBoot() {
  const body = await request('/api/method/medaffairs.face.api.boot', { quiet: true })
  Object.assign(boot, body.message)
  forgetPlaces()
}

/**
 * @param {string} usr user or e-mail
 * @param {string} pwd
 */
export async function signIn(usr, pwd) {
  await request('/api/method/login', { method: 'POST', json: { usr, pwd }, quiet: true })
  await refreshBoot()
}

export async function signOut() {
  await write('logout')
  forgetVisited()
  await forgetPersonal()
  window.location.assign('/medaffairs/login')
}
