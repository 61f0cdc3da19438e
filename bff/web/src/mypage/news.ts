// What has just changed, for those who hear the page instead of seeing it.
import type { Order } from './list'
import { store } from './store'

const AT_MOST = 5

const news = store<readonly Order[]>([])

/** An order has come to stand otherwise. */
export const tell = (order: Order) => news.set([...news.get(), order].slice(-AT_MOST))

export const forgetNews = () => news.set([])

/** The last few, oldest first. */
export const useNews = news.use
