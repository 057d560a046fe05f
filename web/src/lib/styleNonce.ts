/** By which the page's policy knows the <style> elements that our components make from those that somebody smuggles in. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? ''
}

/** react-remove-scroll, below every dialog, asks for it under this name (get-nonce). */
export function nonceForAll() {
  Object.assign(window, { __webpack_nonce__: styleNonce() })
}
