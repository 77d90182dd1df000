import path from 'node:path'
import vue from '@vitejs/plugin-vue'
import frappeui from 'frappe-ui/vite'
import { defineConfig } from 'vite'
import { scriptBudget } from './budget.js'
import { offlineWorker } from './offline.js'

const host = process.env.FRAPPE_HOST || 'http://127.0.0.1:8000'

export default defineConfig({
  base: '/assets/medaffairs/frontend/',
  plugins: [
    frappeui({ frappeProxy: false, jinjaBootData: false, buildConfig: false, lucideIcons: true }),
    vue(),
    scriptBudget(),
    offlineWorker('src/worker/main.js'),
  ],
  resolve: { alias: { '@': path.resolve(import.meta.dirname, 'src') } },
  server: {
    port: 8080,
    proxy: Object.fromEntries(['/api', '/files', '/private', '/printview'].map((p) => [p, { target: host }])),
  },
  build: {
    outDir: '../apps/medaffairs/public/frontend',
    emptyOutDir: true,
    manifest: true,
    target: 'es2022',
    chunkSizeWarningLimit: 900,
    rollupOptions: { input: 'src/main.js' },
  },
  test: { environment: 'happy-dom', include: ['tests/**/*.test.js'], setupFiles: ['tests/setup.js'] },
})
