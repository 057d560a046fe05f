/** Hand a file to the browser, as if it had been a link to it. */
export function saveFile(content: Blob, name: string) {
  const href = URL.createObjectURL(content)
  Object.assign(document.createElement('a'), { href, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(href), 10_000)
}
