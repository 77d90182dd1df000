/** Names that the page and its service worker share. */
export const PERSONAL = 'medaffairs-personal'
export const SHELL = '/medaffairs/'
