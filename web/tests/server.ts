import { vi } from 'vitest'

type Answer = { status?: number; body?: unknown; headers?: Record<string, string> }
type Route = (request: Request, times: number) => Answer | Promise<Answer>

/** A server for one test: "POST /api/auth/login" → its answer. What is not named answers 404, so that nothing passes unseen. */
export function serve(routes: Record<string, Route>) {
  const calls: { route: string; request: Request; body: unknown }[] = []
  vi.stubGlobal(
    'fetch',
    vi.fn(async (input: Request, init?: RequestInit) => {
      init?.signal?.throwIfAborted()
      const request = new Request(input)
      const route = `${request.method} ${new URL(request.url).pathname}`
      const text = await request.clone().text()
      const before = calls.filter((call) => call.route === route).length
      calls.push({ route, request, body: text ? (JSON.parse(text) as unknown) : null })
      const { status = 200, body, headers } = routes[route] ? await routes[route](request, before + 1) : { status: 404, body: { code: 'not_found' } }
      return new Response(status === 204 ? null : JSON.stringify(body ?? {}), { status, headers: { 'Content-Type': 'application/json', ...headers } })
    }),
  )
  return { calls, to: (route: string) => calls.filter((call) => call.route === route) }
}

export const me = {
  user: { id: 'u1', name: 'Rekha Pawar', language: 'en', is_platform_admin: false },
  organization: { id: 'o1', name: 'Nirmal Hospital', code: 'NH', time_zone: 'Asia/Kolkata', language: 'en', is_solo: false, country: 'IN' },
  memberships: [],
  roles: ['receptionist'],
  permissions: ['appointment.book'],
  facilities: [],
  practitioner_id: null,
  patients: [],
}

export const token = (access_token: string) => ({ access_token, token_type: 'bearer', expires_in: 600, must_change_password: false, refresh_token: null })
