import { createApp } from 'vue'
import App from './App.vue'
import { boot } from './lib/boot'
import { i18n, useLanguage } from './lib/i18n'
import { watchTheme } from './lib/theme'
import { router } from './router'
import './style.css'

async function start() {
  watchTheme()
  const app = createApp(App)
  app.use(i18n)
  await useLanguage(localStorage.getItem('lang') || boot.lang || 'zh')
  app.use(router)
  // Before the first route is known, the sign-in page would begin as the shell of a signed-in user.
  await router.isReady()
  app.mount('#app')
}

start()
