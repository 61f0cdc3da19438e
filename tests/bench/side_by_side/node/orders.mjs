// What all peers have in common: the schema, the database, who asks, and the resolvers.
import { readFileSync } from "node:fs";
import { createVerifier } from "fast-jwt";
import { GraphQLScalarType } from "graphql";
import { MongoClient } from "mongodb";

const { MONGO_URL, DATABASE, SECRET, SDL } = process.env;

export const sdl = readFileSync(SDL, "utf8");
export const port = Number(process.env.PORT);

const client = new MongoClient(MONGO_URL);
await client.connect();
const orders = client.db(DATABASE).collection("orders");

const verify = createVerifier({ key: SECRET, algorithms: ["HS256"], cache: true });

export function contextOf(authorization) {
  return { customer: verify(authorization.slice("Bearer ".length)).sub, language: "KO" };
}

const STATUS = {
  PAYMENT_PENDING: { KO: "결제 대기", EN: "Awaiting payment" },
  PAID: { KO: "결제 완료", EN: "Paid" },
  DELIVERING: { KO: "배송 시작", EN: "On its way" },
  DELIVERED: { KO: "배송 완료", EN: "Delivered" },
  PAYMENT_DECLINED: { KO: "결제 거절", EN: "Payment declined" },
  CANCELED: { KO: "주문 취소", EN: "Canceled" },
};
const EVENT = {
  "order.placed": ["ORDER_PLACED", { KO: "주문 접수", EN: "Order placed" }],
  "order.canceled": ["ORDER_CANCELED", { KO: "주문 취소", EN: "Order canceled" }],
  "payment.approved": ["PAYMENT_APPROVED", { KO: "결제 승인", EN: "Payment approved" }],
  "payment.declined": ["PAYMENT_DECLINED", { KO: "결제 거절", EN: "Payment declined" }],
  "payment.canceled": ["PAYMENT_CANCELED", { KO: "결제 취소", EN: "Payment canceled" }],
  "delivery.started": ["DELIVERY_STARTED", { KO: "배송 시작", EN: "Delivery started" }],
  "delivery.completed": ["DELIVERY_COMPLETED", { KO: "배송 완료", EN: "Delivery completed" }],
  "delivery.canceled": ["DELIVERY_CANCELED", { KO: "배송 취소", EN: "Delivery canceled" }],
  "delivery.return_requested": ["DELIVERY_RETURN_REQUESTED", { KO: "반품 요청", EN: "Return requested" }],
};
const CANCELABLE = new Set(["PAYMENT_PENDING", "PAID", "DELIVERING"]);

// What is announced is JSON: its dates are texts.
const written = (date) => (typeof date === "string" ? date : date.toISOString());
const said = (text, { locale }, { language }) => text[locale ?? language];
const cursor = (order) => Buffer.from(`${order.placed_at.getTime()}:${order._id}`).toString("base64url");

export const orderOf = (customer, id) =>
  orders.findOne({ _id: id, customer_id: customer }, { projection: { facts: 0, taken_in: 0 } });

async function myOrders(_, { first = 20 }, { customer }) {
  const found = await orders
    .find({ customer_id: customer }, { projection: { facts: 0, taken_in: 0 } })
    .sort({ placed_at: -1, _id: -1 })
    .limit(first + 1)
    .toArray();
  const edges = found.slice(0, first).map((node) => ({ cursor: cursor(node), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: found.length > first,
      hasPreviousPage: false,
      startCursor: edges[0]?.cursor,
      endCursor: edges.at(-1)?.cursor,
    },
  };
}

export const resolvers = {
  Query: { myOrders },
  DateTime: new GraphQLScalarType({ name: "DateTime", serialize: written }),
  Order: {
    id: (order) => order._id ?? order.id,
    statusLabel: (order, args, context) => said(STATUS[order.status], args, context),
    unitPrice: (order) => order.fruit.unit_price,
    placedAt: (order) => order.placed_at,
    updatedAt: (order) => order.updated_at,
    cancelReason: (order) => order.cancel_reason,
    cancelable: (order) => CANCELABLE.has(order.status),
  },
  Fruit: {
    unitPrice: (fruit) => fruit.unit_price,
    name: (fruit, args, context) => said({ KO: fruit.name_ko, EN: fruit.name_en }, args, context),
  },
  Payment: {
    updatedAt: (payment) => payment.updated_at,
    declineReason: (payment) => payment.decline_reason,
  },
  Delivery: { updatedAt: (delivery) => delivery.updated_at },
  OrderEvent: {
    type: (entry) => EVENT[entry.type][0],
    label: (entry, args, context) => said(EVENT[entry.type][1], args, context),
  },
};
