import { createStore } from '../store'
import { transport } from './transport'

/**
 * An operation may ask that its person shows once more who they are (403 `step_up_needed`). Whoever stands at the screen
 * is asked, then the refused request is sent again as it was: callers see only the second answer.
 */
type Asked = { opensWindow: boolean; answer: (isProved: boolean) => void }

const store = createStore<Asked | null>(null)
/** What is asked just now, for the dialog. */
export const useStepUpAsked = store.use

let waiting: Promise<boolean> | null = null

/** True once the session is proved; callers that come meanwhile share one dialog. */
function askForProof(opensWindow: boolean): Promise<boolean> {
  waiting ??= new Promise<boolean>((answer) => store.set({ opensWindow, answer })).finally(() => {
    waiting = null
    store.set(null)
  })
  return waiting
}

export async function provingTransport(request: Request): Promise<Response> {
  const again = request.clone()
  const response = await transport(request)
  if (response.status !== 403) return response
  const told = (await response.clone().json().catch(() => ({}))) as { code?: string; opens_window?: boolean }
  if (told.code !== 'step_up_needed' || !(await askForProof(told.opens_window === true))) return response
  return transport(again)
}
