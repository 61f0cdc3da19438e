import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { compressed } from './compressed.ts'

const page = (name: string) => resolve(import.meta.dirname, `${name}.html`)

// While developing, a gateway elsewhere answers: GATEWAY=http://127.0.0.1:8000 npx vite
const gateway = process.env.GATEWAY
const proxy = gateway
  ? Object.fromEntries(['/graphql', '/session', '/dev', '/auth', '/ops/'].map((path) => [path, { target: gateway, ws: path === '/graphql' }]))
  : undefined

export default defineConfig({
  server: { proxy },
  preview: { proxy },
  plugins: [react(), compressed()],
  build: {
    outDir: 'dist',
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: { index: page('index'), ops: page('ops'), graphiql: page('graphiql') } },
  },
  test: { environment: 'jsdom', include: ['src/**/*.test.{ts,tsx}'] },
})
