/** What the page was delivered with: user, language, token. Filled from the JSON block in the page. */
import { reactive } from 'vue'

function delivered() {
  const element = document.getElementById('boot')
  if (!element) return {}
  try {
    return JSON.parse(element.textContent)
  } catch {
    return {}
  }
}

export const boot = reactive({
  user: 'Guest',
  full_name: '',
  roles: [],
  modules: [],
  lang: 'zh',
  csrf_token: '',
  hospital: '',
  site: '',
  practitioner: null,
  version: '',
  now: '',
  ...delivered(),
})

export const isGuest = () => boot.user === 'Guest'
export const hasRole = (...roles) => roles.some((role) => boot.roles.includes(role))
