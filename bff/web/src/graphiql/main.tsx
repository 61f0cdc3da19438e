import './workers'
import 'graphiql/style.css'
import '@graphiql/plugin-explorer/style.css'
import { createRoot } from 'react-dom/client'
import '../shared/styles.css'
import { Playground } from './Playground'
import './playground.css'

const root = document.getElementById('root')
if (root) createRoot(root).render(<Playground />)
