// Leaves each file of the build a second and a third time, as brotli and as gzip: nothing is compressed on request.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const TEXTS = /\.(css|html|js|svg|ttf|webmanifest)$/
const TOO_SMALL = 512

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)

async function compress(file: string): Promise<void> {
  const contents = await readFile(file)
  if (contents.length < TOO_SMALL) return
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: contents.length,
  }
  await writeFile(`${file}.br`, await brotli(contents, { params }))
  await writeFile(`${file}.gz`, await zip(contents, { level: constants.Z_BEST_COMPRESSION }))
}

export function compressed(): Plugin {
  let folder = ''
  return {
    name: 'compressed',
    apply: 'build',
    configResolved(config) {
      folder = join(config.root, config.build.outDir)
    },
    async writeBundle() {
      const entries = await readdir(folder, { recursive: true })
      await Promise.all(entries.filter((name) => TEXTS.test(name)).map((name) => compress(join(folder, name))))
    },
  }
}
