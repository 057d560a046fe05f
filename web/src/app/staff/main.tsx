import '@mantine/core/styles.layer.css'
import '~/ui/base.css'
import '~/ui/choices.css'
import { RouterProvider } from '@tanstack/react-router'
import { staffTheme } from '~/ui/theme'
import { linkInAddress, LinkPage } from '~/features/identity'
import { start } from '../start'
import { router } from './router'
import { StaffEntrance } from './StaffEntrance'

const link = linkInAddress()

void start(
  link ? (
    <LinkPage {...link} />
  ) : (
    <StaffEntrance>
      <RouterProvider router={router} />
    </StaffEntrance>
  ),
  staffTheme,
  ['ui', 'lib', 'staff', 'identity'],
  () => router.load(),
)
