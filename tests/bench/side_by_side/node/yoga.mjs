// GraphQL Yoga on Node's own server.
import { createServer } from "node:http";
import { createSchema, createYoga } from "graphql-yoga";
import { contextOf, port, resolvers, sdl } from "./orders.mjs";

const yoga = createYoga({
  schema: createSchema({ typeDefs: sdl, resolvers }),
  logging: false,
  context: ({ request }) => contextOf(request.headers.get("authorization")),
});
createServer(yoga).listen(port, "127.0.0.1");
