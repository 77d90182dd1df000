/** Pages that a person keeps at hand; they are with the user on the server, so that they are on the phone too. */
import { computed } from 'vue'
import { boot } from './boot'
import { write } from './http'

export const favourites = computed(() => boot.favourites ?? [])
export const isFavourite = (path) => favourites.value.some((entry) => entry.path === path)

/** Shown at once, put back when the server refuses. */
async function keep(next) {
  const before = boot.favourites
  boot.favourites = next
  try {
    boot.favourites = await write('medaffairs.face.api.set_favourites', { items: next })
  } catch (problem) {
    boot.favourites = before
    throw problem
  }
}

/** @param {{path: string, label: string}} place */
export const toggleFavourite = ({ path, label }) =>
  keep(
    isFavourite(path)
      ? favourites.value.filter((entry) => entry.path !== path)
      : [...favourites.value, { path, label }],
  )

/** One place up or down. */
export function moveFavourite(path, step) {
  const rows = [...favourites.value]
  const from = rows.findIndex((entry) => entry.path === path)
  const to = from + step
  if (from < 0 || to < 0 || to >= rows.length) return Promise.resolve()
  rows.splice(to, 0, ...rows.splice(from, 1))
  return keep(rows)
}
