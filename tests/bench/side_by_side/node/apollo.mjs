// Apollo Server as it comes.
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { contextOf, port, resolvers, sdl } from "./orders.mjs";

const server = new ApolloServer({ typeDefs: sdl, resolvers });
await startStandaloneServer(server, {
  listen: { port, host: "127.0.0.1" },
  context: async ({ req }) => contextOf(req.headers.authorization),
});
