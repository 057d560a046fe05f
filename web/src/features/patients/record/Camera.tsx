import { Button } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Dialog, Notice } from '~/ui'
import styles from './Camera.module.css'

type Props = { onTaken: (picture: Blob) => void; onChooseFile: () => void; onClose: () => void }

/** Whether this browser can open a camera at all: it needs a secure page. */
export const hasCamera = () => typeof navigator.mediaDevices?.getUserMedia === 'function'

/** This computer's camera: look, press, look again, keep. Where it can't be opened, a file is chosen instead. */
export function Camera({ onTaken, onChooseFile, onClose }: Props) {
  const { t } = useTranslation('patients')
  const video = useRef<HTMLVideoElement>(null)
  const still = useRef<HTMLCanvasElement>(null)
  const [state, setState] = useState<'opening' | 'live' | 'taken' | 'failed'>('opening')

  useEffect(() => {
    let stream: MediaStream | null = null
    let isGone = false
    const stop = () => stream?.getTracks().forEach((track) => track.stop())
    const open = async () => {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, height: { ideal: 960 }, facingMode: 'user' }, audio: false })
      if (isGone || !video.current) return stop()
      video.current.srcObject = stream
      await video.current.play()
      if (!isGone) setState('live')
    }
    open().catch(() => !isGone && setState('failed'))
    return () => {
      isGone = true
      stop()
    }
  }, [])

  const take = () => {
    const [from, to] = [video.current, still.current]
    if (!from || !to) return
    // The middle, four by five, as on the card.
    const width = Math.min(from.videoWidth, from.videoHeight * 0.8)
    const height = width * 1.25
    to.width = Math.min(480, width)
    to.height = to.width * 1.25
    to.getContext('2d')?.drawImage(from, (from.videoWidth - width) / 2, (from.videoHeight - height) / 2, width, height, 0, 0, to.width, to.height)
    setState('taken')
  }
  const keep = () => still.current?.toBlob((picture) => picture && onTaken(picture), 'image/jpeg', 0.9)

  return (
    <Dialog opened title={t('camera.title')} onClose={onClose} width={440}>
      {state === 'failed' && <Notice urgent tone="attention" title={t('camera.failed')}>{t('camera.failedWhy')}</Notice>}
      <div className={styles.frame} hidden={state === 'failed'}>
        <video ref={video} className={styles.picture} hidden={state === 'taken'} muted playsInline aria-label={t('camera.live')} />
        <canvas ref={still} className={styles.picture} hidden={state !== 'taken'} role="img" aria-label={t('camera.taken')} />
      </div>
      {state === 'opening' && <p role="status">{t('camera.opening')}</p>}
      <div className={styles.steps}>
        <Button variant="default" onClick={onClose}>{t('camera.leave')}</Button>
        {state === 'failed' && <Button autoFocus onClick={onChooseFile}>{t('camera.file')}</Button>}
        {state === 'live' && <Button autoFocus onClick={take}>{t('camera.take')}</Button>}
        {state === 'taken' && (
          <>
            <Button variant="default" onClick={() => setState('live')}>{t('camera.again')}</Button>
            <Button autoFocus onClick={keep}>{t('camera.keep')}</Button>
          </>
        )}
      </div>
    </Dialog>
  )
}
