// Before the first paint: the remembered light or dark and the language, so that nothing flashes. Its own file because the
// page's policy refuses inline scripts.
;(function () {
  var root = document.documentElement
  function remembered(key) {
    try {
      return localStorage.getItem(key)
    } catch {
      return null
    }
  }
  var scheme = remembered('mantine-color-scheme-value')
  var dark = scheme === 'dark' || (scheme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  root.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
  root.lang = remembered('ar.language') || (navigator.language.slice(0, 2) === 'hi' ? 'hi' : 'en')
})()
