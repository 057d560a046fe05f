import { expect, it } from 'vitest'
import { match } from './router'

it.each([
  ['/visits/$id', '/visits/a7', { id: 'a7' }],
  ['/visits/$id', '/visits/a%2F7', { id: 'a/7' }],
  ['/me', '/me', {}],
  ['/visits/$id', '/visits', null],
  ['/visits/$id', '/visits/', null],
  ['/visits/$id', '/visits/a7/slip', null],
  ['/visits', '/visit', null],
])('%s at %s', (pattern, path, params) => expect(match(pattern, path)).toEqual(params))
