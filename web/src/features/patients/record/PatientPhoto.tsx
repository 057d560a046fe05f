import { Button } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Camera as CameraIcon, Upload } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '~/lib/api'
import { useProblemText } from '~/lib/useProblemText'
import { Notice, toast } from '~/ui'
import { Camera, hasCamera } from './Camera'
import styles from './PatientPhoto.module.css'

const path = '/api/patients/{patient_id}/photo'

/** The face beside the name. */
export function PatientPhoto({ patientId, name }: { patientId: string; name: string }) {
  const { t } = useTranslation('patients')
  const params = { path: { patient_id: patientId } }
  const photo = useQuery({ queryKey: ['get', path, { params }], queryFn: async () => (await api.GET(path, { params, parseAs: 'blob' })).data as Blob })
  const image = useRef<HTMLImageElement>(null)
  useEffect(() => {
    if (!photo.data || !image.current) return
    const url = URL.createObjectURL(photo.data)
    image.current.src = url
    return () => URL.revokeObjectURL(url)
  }, [photo.data])
  return <img ref={image} className={styles.photo} alt={t('record.photoOf', { name })} />
}

/** Take, choose or remove the photo; a phone offers its camera. */
export function PhotoButtons({ patientId, hasPhoto }: { patientId: string; hasPhoto: boolean }) {
  const { t } = useTranslation('patients')
  const words = useProblemText()
  const client = useQueryClient()
  const picker = useRef<HTMLInputElement>(null)
  const [isBusy, setBusy] = useState(false)
  const [isLooking, setLooking] = useState(false)
  const [refusal, setRefusal] = useState<unknown>(null)
  const params = { path: { patient_id: patientId } }

  const change = async (send: () => Promise<unknown>, done: string) => {
    setBusy(true)
    setRefusal(null)
    try {
      await send()
      await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === 'get' && [path, '/api/patients/{patient_id}'].includes(queryKey[1] as string) })
      toast({ title: done })
    } catch (error) {
      setRefusal(error)
    } finally {
      setBusy(false)
    }
  }
  const keep = (file: File | undefined) => {
    if (!file) return
    const form = new FormData()
    form.append('file', file)
    void change(() => api.PUT(path, { params, body: form as never, bodySerializer: (body: unknown) => body as FormData }), t('record.photoKept'))
  }
  return (
    <div className={styles.buttons}>
      <input ref={picker} type="file" accept="image/jpeg,image/png,image/webp" hidden aria-label={t('record.photo')} onChange={({ target }) => { keep(target.files?.[0]); target.value = '' }} />
      {hasCamera() && (
        <Button variant="default" loading={isBusy} leftSection={<CameraIcon size={16} aria-hidden />} onClick={() => setLooking(true)}>
          {t('camera.open')}
        </Button>
      )}
      <Button variant="default" loading={isBusy} leftSection={<Upload size={16} aria-hidden />} onClick={() => picker.current?.click()}>
        {t(hasPhoto ? 'record.newPhoto' : 'record.addPhoto')}
      </Button>
      {isLooking && <Camera onTaken={(picture) => { setLooking(false); keep(new File([picture], 'photo.jpg', { type: picture.type })) }} onChooseFile={() => { setLooking(false); picker.current?.click() }} onClose={() => setLooking(false)} />}
      {hasPhoto && <Button variant="subtle" color="red" disabled={isBusy} onClick={() => void change(() => api.DELETE(path, { params }), t('record.photoGone'))}>{t('record.removePhoto')}</Button>}
      {refusal !== null && <Notice urgent>{words(refusal)}</Notice>}
    </div>
  )
}
