import { createRoot } from 'react-dom/client'
import '../shared/styles.css'
import { OpsPage } from './OpsPage'
import './ops.css'

const root = document.getElementById('root')
if (root) createRoot(root).render(<OpsPage />)
