/** What the server answers when it refuses (RFC 9457), and what the client makes of a silence. */
export type FieldFault = { name: string; code: string; message: string }

type Body = {
  title?: string
  detail?: string
  status?: number
  code?: string
  fields?: FieldFault[]
  request_id?: string
} & Record<string, unknown>

export class ApiProblem extends Error {
  readonly code: string
  readonly status: number
  readonly detail: string
  readonly fields: FieldFault[]
  readonly request_id: string | null
  /** Ids and times that came along, such as the record that already holds an MRN. */
  readonly extra: Record<string, unknown>

  constructor(body: Body) {
    const { title, detail, status, code, fields, request_id, type: _type, instance: _instance, ...extra } = body
    super(detail ?? title ?? code ?? 'problem')
    this.name = 'ApiProblem'
    this.status = status ?? 0
    this.code = code ?? 'unknown'
    this.detail = detail ?? title ?? ''
    this.fields = fields ?? []
    this.request_id = request_id ?? null
    this.extra = extra
  }

  /** Seconds that the server asks us to wait, where it does. */
  get retryAfter_s(): number | null {
    const seconds = Number(this.extra.retry_after_s)
    return Number.isFinite(seconds) && seconds > 0 ? seconds : null
  }

  /** The request may never have arrived: trying again with the same Idempotency-Key is safe. */
  get isSilence(): boolean {
    return this.status === 0
  }
}

export async function problemFrom(response: Response): Promise<ApiProblem> {
  const body = (await response
    .clone()
    .json()
    .catch(() => ({}))) as Body
  const retryAfter = response.headers.get('Retry-After')
  return new ApiProblem({
    ...(retryAfter ? { retry_after_s: retryAfter } : {}),
    ...body,
    status: response.status,
    code: body.code ?? `http_${response.status}`,
    request_id: body.request_id ?? response.headers.get('X-Request-ID') ?? undefined,
  })
}

/** Any thrown thing as a problem, so that one ErrorState can show it. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error
  return new ApiProblem({ code: 'unexpected', detail: error instanceof Error ? error.message : String(error) })
}
