// Mercurius on Fastify, with its JIT from the first time on.
import Fastify from "fastify";
import mercurius from "mercurius";
import { contextOf, port, resolvers, sdl } from "./orders.mjs";

const app = Fastify();
app.register(mercurius, { schema: sdl, resolvers, jit: 1, context: (request) => contextOf(request.headers.authorization) });
await app.listen({ port, host: "127.0.0.1" });
