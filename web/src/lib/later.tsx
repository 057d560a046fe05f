import { lazy, useState, type ComponentType } from 'react'

/**
 * A part whose code comes when it is first drawn. `prepare` fetches it before: it is then there at once, where React
 * would first draw nothing and leave that for 300 ms.
 */
export function later<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  let ready: ComponentType<Props> | undefined
  const fetched = async () => (ready = await load())
  const Later = lazy(async () => ({ default: await fetched() }))
  function Part(props: Props) {
    const [Now] = useState<ComponentType<Props>>(() => ready ?? Later)
    return <Now {...props} />
  }
  return Object.assign(Part, { prepare: fetched })
}
