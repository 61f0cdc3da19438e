import type { CodegenConfig } from '@graphql-codegen/cli'

// Types of the operations, and the manifest by which the gateway knows them: both from the same run.
const config: CodegenConfig = {
  schema: '../../schema/exported/schema.graphql',
  documents: '../../schema/operations/*.graphql',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: {
        fragmentMasking: false,
        persistedDocuments: { hashAlgorithm: 'sha256' },
      },
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        documentMode: 'string',
        scalars: { DateTime: 'string' },
      },
    },
  },
}

export default config
