/** Demerits: the app's own doors. */
import { read } from './http'

/**
 * A person's points in the cycle that holds a day (today if none is named), with records and penalties.
 * @returns {Promise<{from: string, to: string, points: number, records: object[], penalties: object[]}>}
 */
export const pointsOf = (practitioner, day = '') =>
  read('medaffairs.demerit.api.points_of', { practitioner, day })
