import { render, screen } from '@testing-library/react'
import { Suspense } from 'react'
import { expect, it } from 'vitest'
import { later } from './later'

const door = () => later(async () => ({ name }: { name: string }) => <p>{name}</p>)
const draw = (Door: ReturnType<typeof door>) => render(<Suspense fallback="nothing yet"><Door name="Asha" /></Suspense>)

it('comes when it is first drawn', async () => {
  draw(door())
  expect(screen.queryByText('nothing yet')).not.toBeNull()
  expect(await screen.findByText('Asha')).not.toBeNull()
})

it('is there at once where it was prepared', async () => {
  const Door = door()
  await Door.prepare()
  draw(Door)
  expect(screen.queryByText('Asha')).not.toBeNull()
})
