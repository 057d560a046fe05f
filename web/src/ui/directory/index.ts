export { Directory, directoryPage, directoryQuery, type DirectoryPlace, type DirectoryProps } from './Directory'
export { ShownOnce } from './ShownOnce'
export { SideForm } from './SideForm'
