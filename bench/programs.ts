/** What is measured: the mesh, no resource at all, and one resource of each provider that the mesh has. */
import { meshProgram } from "../sandbox/engine.ts";

/** Modules are loaded as the program runs, as the CLI would. */
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
