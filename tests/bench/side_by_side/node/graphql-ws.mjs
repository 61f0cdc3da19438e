// graphql-ws on ws: orderStatus, which begins with what is kept and goes on with what is announced.
import { createServer } from "node:http";
import amqp from "amqplib";
import { useServer } from "graphql-ws/use/ws";
import { createSchema } from "graphql-yoga";
import { WebSocketServer } from "ws";
import { contextOf, orderOf, port, resolvers, sdl } from "./orders.mjs";

const AT_ONCE = 50;
const watchers = new Map();

// The views of one order that are still to be given, in the way of an async iterator.
class Watcher {
  constructor(customer, id) {
    Object.assign(this, { customer, id, version: 0, waiting: [], next_: null, over: false });
    if (!watchers.has(id)) watchers.set(id, new Set());
    watchers.get(id).add(this);
  }
  hear(order) {
    if (this.over || order.customer_id !== this.customer || order.version <= this.version) return;
    this.version = order.version;
    if (this.next_) {
      this.next_({ value: { orderStatus: order }, done: false });
      this.next_ = null;
    } else {
      this.waiting.push(order);
    }
    if (order.settled) this.over = true;
  }
  next() {
    const order = this.waiting.shift();
    if (order) return Promise.resolve({ value: { orderStatus: order }, done: false });
    if (this.over) return this.return();
    return new Promise((resolve) => (this.next_ = resolve));
  }
  return() {
    this.over = true;
    watchers.get(this.id)?.delete(this);
    if (watchers.get(this.id)?.size === 0) watchers.delete(this.id);
    this.next_?.({ value: undefined, done: true });
    return Promise.resolve({ value: undefined, done: true });
  }
  [Symbol.asyncIterator]() {
    return this;
  }
}

async function orderStatus(_, { orderId }, { customer }) {
  const watcher = new Watcher(customer, orderId);
  const order = await orderOf(customer, orderId);
  if (!order) {
    watcher.return();
    throw new Error("There is no such order.");
  }
  watcher.hear(order);
  return watcher;
}

const schema = createSchema({
  typeDefs: sdl,
  resolvers: { ...resolvers, Subscription: { orderStatus: { subscribe: orderStatus } } },
});

const { connection, channel, queue } = await listening();
await channel.consume(queue, (message) => {
  const said = JSON.parse(message.content);
  for (const order of Array.isArray(said) ? said : [said]) {
    for (const watcher of watchers.get(order.id) ?? []) watcher.hear(order);
  }
  channel.ack(message);
});
process.on("SIGTERM", () => connection.close().finally(() => process.exit()));

const server = createServer((_, response) => response.end("{}"));
useServer(
  { schema, context: ({ connectionParams }) => contextOf(connectionParams.Authorization) },
  new WebSocketServer({ server, path: "/graphql" }),
);
server.listen(port, "127.0.0.1");

async function listening() {
  const connection = await amqp.connect(process.env.RABBITMQ_URL);
  const channel = await connection.createChannel();
  await channel.assertExchange("fruitstore.changes", "topic", { durable: true });
  const { queue } = await channel.assertQueue("", { exclusive: true });
  await channel.bindQueue(queue, "fruitstore.changes", "#");
  await channel.prefetch(AT_ONCE);
  return { connection, channel, queue };
}
