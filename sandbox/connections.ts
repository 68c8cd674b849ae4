/**
 * Connections to engines, none of which another's port can spoil. gRPC keeps those that failed, by address, and gives
 * them to whoever dials that next; a process with many operations comes upon the port of an engine that has ended.
 * Pulumi's SDK takes a program that does not reach its engine for one that is done (`isGrpcError`,
 * runtime/resource.js), and the engine then deletes all that it did not register.
 */
import { createRequire } from "node:module";

const here = createRequire(import.meta.url);
/** Requires a module as the SDK does: gRPC in the copy that it uses. */
export const sdk = createRequire(here.resolve("@pulumi/pulumi"));
const { getSubchannelPool, SubchannelPool } = sdk("@grpc/grpc-js/build/src/subchannel-pool.js");

getSubchannelPool(true).getOrCreateSubchannel = (...args: unknown[]) =>
  new SubchannelPool().getOrCreateSubchannel(...args);
