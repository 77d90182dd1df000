/** The words that pages translate with, as `main.js` makes them global. */
import { translate } from '../src/lib/i18n'

globalThis.__ = translate
