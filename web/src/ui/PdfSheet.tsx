import { Button } from '@mantine/core'
import { Printer } from 'lucide-react'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Dialog } from './Dialog'
import { ErrorState } from './ErrorState'
import { Key } from './Key'
import styles from './PdfSheet.module.css'
import { useKeys } from '~/lib/keys'

type Props = {
  opened: boolean
  title: string
  /** Fetches the PDF that the server makes: () => api.GET('/api/…', { parseAs: 'blob' }).then(({ data }) => data). */
  load: () => Promise<Blob>
  /** Send it to the printer as soon as it is there. */
  printAtOnce?: boolean
  /** Beside the print button: another size of paper. */
  tools?: ReactNode
  onClose: () => void
}

type Sheet = { state: 'making' } | { state: 'there'; url: string } | { state: 'failed'; error: unknown }

/** A server-made PDF, shown in the page with its print button. A browser that shows no PDFs gets a link instead. */
export function PdfSheet({ opened, title, onClose, ...rest }: Props) {
  return (
    <Dialog withCross width={880} opened={opened} onClose={onClose} title={title}>
      <Content title={title} {...rest} />
    </Dialog>
  )
}

function Content({ title, load, printAtOnce = false, tools }: Pick<Props, 'title' | 'load' | 'printAtOnce' | 'tools'>) {
  const { t } = useTranslation('ui')
  const frame = useRef<HTMLIFrameElement>(null)
  const [sheet, setSheet] = useState<Sheet>({ state: 'making' })
  const [attempt, setAttempt] = useState(0)
  const latest = useRef(load)
  const print = () => frame.current?.contentWindow?.print()
  useKeys({ print }, { inDialog: true })

  useEffect(() => {
    let url: string | null = null
    let gone = false
    latest.current().then(
      (blob) => {
        if (gone) return
        url = URL.createObjectURL(blob)
        setSheet({ state: 'there', url })
      },
      (error: unknown) => !gone && setSheet({ state: 'failed', error }),
    )
    return () => {
      gone = true
      if (url) URL.revokeObjectURL(url)
    }
  }, [attempt])

  const retry = () => {
    setSheet({ state: 'making' })
    setAttempt(attempt + 1)
  }
  if (sheet.state === 'failed') return <ErrorState error={sheet.error} onRetry={retry} />
  if (sheet.state === 'making') return <p role="status">{t('pdf.making')}</p>
  if (!navigator.pdfViewerEnabled) {
    return (
      <Button component="a" href={sheet.url} target="_blank" rel="noopener">
        {t('pdf.open')}
      </Button>
    )
  }
  return (
    <div className={styles.sheet}>
      <iframe ref={frame} title={title} src={`${sheet.url}#toolbar=0&navpanes=0&view=FitH`} onLoad={() => printAtOnce && print()} />
      <div className={styles.tools}>
        {tools}
        <Button leftSection={<Printer size={16} aria-hidden />} rightSection={<Key of="print" />} onClick={print}>
          {t('pdf.print')}
        </Button>
      </div>
    </div>
  )
}
