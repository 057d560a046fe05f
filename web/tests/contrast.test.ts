import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const css = readFileSync(join(import.meta.dirname, '..', 'src', 'ui', 'roles.css'), 'utf8')
const roles = (selector: string) => {
  const start = css.indexOf(selector)
  const block = css.slice(start, css.indexOf('}', start))
  return Object.fromEntries([...block.matchAll(/--ar-([\w-]+): (#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value])) as Record<string, string>
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

const text: [string, string][] = [
  ...['ink', 'ink-2', 'ink-3'].flatMap((ink) => ['canvas', 'surface', 'raised', 'sunken'].map((ground): [string, string] => [ink, ground])),
  ['ink', 'accent-tint'], ['ink-2', 'accent-tint'], ['accent-ink', 'accent-tint'], ['accent', 'surface'], ['on-accent', 'accent'],
  ['danger', 'surface'], ['danger-ink', 'danger-tint'], ['on-danger', 'danger-fill'],
  ['attention-ink', 'surface'], ['attention-ink', 'attention-tint'], ['ok-ink', 'surface'], ['ok-ink', 'ok-tint'],
]

describe.each([['light', '"light"]'], ['dark', '"dark"]']])('%s', (_name, selector) => {
  const of = roles(selector)
  it.each(text)('%s can be read on %s', (ink, ground) => expect(contrast(of[ink] ?? '', of[ground] ?? '')).toBeGreaterThanOrEqual(4.5))
  it('shows the edges of inputs', () => expect(contrast(of['line-strong'] ?? '', of.surface ?? '')).toBeGreaterThanOrEqual(3))
})
