export { Figures } from './Figures'
export { NeedsSomeone } from './NeedsSomeone'
export { DayCharts } from './DayCharts'
export { useStats } from './queries'
