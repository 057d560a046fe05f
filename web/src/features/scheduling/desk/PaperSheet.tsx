import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { PdfSheet, SegmentedFilter } from '~/ui'
import { keepSize, sizeHere, sizes, type Paper, type Size } from './papers'

/** A paper of the desk, in the size that this counter prints; another size is one click and is remembered. */
export function PaperSheet({ paper, onClose }: { paper: Paper; onClose: () => void }) {
  const { t } = useTranslation('scheduling')
  const [size, setSize] = useState(sizeHere)
  const [isAsked, setAsked] = useState(false)
  const choose = (to: Size) => {
    keepSize(to)
    setSize(to)
    setAsked(true)
  }
  return (
    <PdfSheet
      key={size} opened title={paper.title} load={() => paper.load(size)} printAtOnce={paper.printAtOnce && !isAsked} onClose={onClose}
      tools={paper.hasSizes && <SegmentedFilter label={t('desk.paper')} value={size} onChange={choose} segments={sizes.map((value) => ({ value, label: { '80mm': '80 mm', a5: 'A5' }[value] }))} />}
    />
  )
}
