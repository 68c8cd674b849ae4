/**
 * Gives each client of an engine a connection of its own. gRPC caches connections by address, also failed ones, and
 * a process that runs many operations may get the port of an engine that has ended. Pulumi's SDK treats a program
 * that cannot reach its engine as a finished one (`isGrpcError`, runtime/resource.js), and the engine then deletes
 * every resource that the program did not register.
 */
import { createRequire } from "node:module";

const here = createRequire(import.meta.url);
/** Requires a module as the SDK does, so that gRPC is the copy that the SDK uses. */
export const sdk = createRequire(here.resolve("@pulumi/pulumi"));
const { getSubchannelPool, SubchannelPool } = sdk("@grpc/grpc-js/build/src/subchannel-pool.js");

getSubchannelPool(true).getOrCreateSubchannel = (...args: unknown[]) =>
  new SubchannelPool().getOrCreateSubchannel(...args);
