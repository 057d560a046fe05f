import { asProblem, type FieldFault } from './problem'

/** The part of a @mantine/form that a refusal speaks to. */
type Form = { setErrors: (errors: Record<string, string>) => void; getInputNode: (path: string) => HTMLElement | null }

/** Focus the first field in error, in the order that the page shows them. */
export function focusFirstError(form: Pick<Form, 'getInputNode'>, paths: string[]) {
  const nodes = paths.map((path) => form.getInputNode(path)).filter((node) => node !== null)
  nodes.sort((a, b) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1))
  nodes[0]?.focus()
}

/** Put the server's faults beside their fields and the focus on the first. False where it named none that the form has. */
export function showFaults(form: Form, error: unknown, say = ({ message }: FieldFault) => message): boolean {
  const faults = asProblem(error).fields.filter(({ name }) => form.getInputNode(name))
  form.setErrors(Object.fromEntries(faults.map((fault) => [fault.name, say(fault)])))
  requestAnimationFrame(() => focusFirstError(form, faults.map(({ name }) => name)))
  return faults.length > 0
}
