/** The programs to measure: the mesh, one without resources, and one with a resource of each provider of the mesh. */
import { meshProgram } from "../sandbox/engine.ts";

/** Each loads its modules when it runs, as it does in the CLI. */
export const PROGRAMS = {
  mesh: meshProgram,
  empty: async () => {},
  providers: async () => {
    const [k8s, random, tls] = await Promise.all([
      import("@pulumi/kubernetes"),
      import("@pulumi/random"),
      import("@pulumi/tls"),
    ]);
    new k8s.core.v1.ConfigMap("map", { metadata: { name: "bench", namespace: "default" } });
    new random.RandomInteger("number", { min: 0, max: 9 });
    new tls.PrivateKey("key", { algorithm: "ECDSA", ecdsaCurve: "P256" });
  },
};
