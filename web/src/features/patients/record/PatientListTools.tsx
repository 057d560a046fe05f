import { Button, Menu } from '@mantine/core'
import { Download, Upload } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { components } from '~/api/schema'
import { api } from '~/lib/api'
import { saveFile } from '~/lib/download'
import { can } from '~/lib/session'
import { useFormats } from '~/lib/useFormats'
import { useProblemText } from '~/lib/useProblemText'
import { Notice } from '~/ui'

type Wanted = components['schemas']['SearchPatients']

/** What administrators do with the whole list: take it away as it is filtered, or bring another system's in. */
export function PatientListTools({ wanted, onImport }: { wanted: Wanted; onImport: () => void }) {
  const { t } = useTranslation('patients')
  const { today } = useFormats()
  const words = useProblemText()
  const [isTaking, setTaking] = useState(false)
  const [refusal, setRefusal] = useState<unknown>(null)

  const take = async (form: 'csv' | 'xlsx') => {
    setTaking(true)
    setRefusal(null)
    try {
      const { data } = await api.POST('/api/patients/export', { body: { ...wanted, form }, parseAs: 'blob' })
      saveFile(data as unknown as Blob, `patients-${today()}.${form}`)
    } catch (error) {
      setRefusal(error)
    } finally {
      setTaking(false)
    }
  }
  return (
    <>
      {refusal !== null && <Notice urgent>{words(refusal)}</Notice>}
      {can('patient.export') && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" loading={isTaking} leftSection={<Download size={15} aria-hidden />}>
              {t('list.export')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={() => void take('xlsx')}>Excel (XLSX)</Menu.Item>
            <Menu.Item onClick={() => void take('csv')}>CSV</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {can('patient.import') && (
        <Button variant="default" leftSection={<Upload size={15} aria-hidden />} onClick={onImport}>
          {t('list.import')}
        </Button>
      )}
    </>
  )
}
