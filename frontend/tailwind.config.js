import preset from 'frappe-ui/tailwind'

export default {
  presets: [preset],
  content: ['./src/**/*.{vue,js}', './node_modules/frappe-ui/src/components/**/*.{vue,js,ts}'],
}
