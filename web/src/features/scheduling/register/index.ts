export { OpdRegister, pageOf as registerPageOf } from './OpdRegister'
