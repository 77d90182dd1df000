import vue from 'eslint-plugin-vue'

const browser = Object.fromEntries(
  ['window', 'document', 'localStorage', 'sessionStorage', 'fetch', 'console', 'location', 'history', 'URL',
    'URLSearchParams', 'FormData', 'File', 'Blob', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval',
    'requestAnimationFrame', 'navigator', 'Intl', 'AbortController', 'CustomEvent', 'Event', 'ResizeObserver',
    'IntersectionObserver', 'matchMedia', 'confirm', 'structuredClone', 'XMLHttpRequest', 'FileReader', 'Image',
    'getComputedStyle', '__', 'MutationObserver', 'queueMicrotask', 'performance', 'HTMLElement', 'Response', 'DOMParser',
    'KeyboardEvent', 'caches', 'createImageBitmap', 'self',
  ].map((name) => [name, 'readonly']),
)

export default [
  ...vue.configs['flat/recommended'],
  {
    files: ['src/**/*.{js,vue}', 'tests/**/*.js', 'budget.js', 'offline.js'],
    languageOptions: { ecmaVersion: 2023, sourceType: 'module', globals: browser },
    rules: {
      'no-unused-vars': 'error',
      'no-undef': 'error',
      'vue/multi-word-component-names': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/no-v-html': 'error',
      // A form edits one shared record; passing each value up and down again would only hide that.
      'vue/no-mutating-props': ['error', { shallowOnly: true }],
      'max-lines': ['error', 400],
    },
  },
]
