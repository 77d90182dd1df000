/* Before anything is painted: light or dark, as chosen on this device, else as the system has it. */
;(function () {
  var chosen = null
  try {
    chosen = localStorage.getItem('theme')
  } catch (error) {
    chosen = null
  }
  var system = window.matchMedia && window.matchMedia('(prefers-color-scheme: dark)').matches
  var dark = chosen === 'dark' || (chosen !== 'light' && system)
  document.documentElement.setAttribute('data-theme', dark ? 'dark' : 'light')
})()
