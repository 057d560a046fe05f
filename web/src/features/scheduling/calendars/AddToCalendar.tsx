import { Button } from '@mantine/core'
import { CalendarPlus } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '~/lib/api'
import { saveFile } from '~/lib/download'
import { useProblemText } from '~/lib/useProblemText'
import { Notice } from '~/ui/Notice'

/** The visit as a file that calendars take. */
export function AddToCalendar({ visitId }: { visitId: string }) {
  const { t } = useTranslation('calendars')
  const problemText = useProblemText()
  const [isTaking, setTaking] = useState(false)
  const [refusal, setRefusal] = useState<unknown>(null)
  const take = async () => {
    setTaking(true)
    setRefusal(null)
    try {
      const { data } = await api.GET('/api/appointments/{appointment_id}/calendar', { params: { path: { appointment_id: visitId } }, parseAs: 'blob' })
      saveFile(data as unknown as Blob, 'visit.ics')
    } catch (error) {
      setRefusal(error)
    } finally {
      setTaking(false)
    }
  }
  return (
    <>
      {refusal != null && <Notice urgent title={problemText(refusal)} />}
      <Button variant="default" size="lg" fullWidth loading={isTaking} leftSection={<CalendarPlus size={18} aria-hidden />} onClick={() => void take()}>
        {t('add')}
      </Button>
    </>
  )
}
