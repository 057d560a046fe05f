// Before the first paint: the remembered light or dark and the language, so that nothing flashes; and what the page's
// code would only ask for once it is here. Its own file because the page's policy refuses inline scripts.
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

  var early = document.querySelector('meta[name=early]')
  if (!early || early.content[0] !== '{') return // the board; or the page is being developed
  var files = JSON.parse(early.content)
  var wasHere = remembered('ar.was-here') !== null
  ;(files[root.lang] || []).concat(wasHere ? [] : files.newcomer).forEach(function (address) {
    var link = document.createElement('link')
    var isStyle = address.slice(-4) === '.css'
    link.rel = isStyle ? 'preload' : 'modulepreload'
    if (isStyle) link.as = 'style'
    link.crossOrigin = ''
    link.href = address
    document.head.append(link)
  })
  // who this is: src/lib/api/transport.ts takes the answer
  window.arogyaRenewal = fetch('/api/auth/refresh', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' })
  window.arogyaRenewal.catch(function () {})
})()
