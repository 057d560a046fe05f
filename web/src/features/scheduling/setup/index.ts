import { lazy } from 'react'

export const BookingRules = lazy(() => import('./BookingRules').then(({ BookingRules }) => ({ default: BookingRules })))
export const Leave = lazy(() => import('./Leave').then(({ Leave }) => ({ default: Leave })))
export const Schedules = lazy(() => import('./Schedules').then(({ Schedules }) => ({ default: Schedules })))
