/** The dashboard *Mesh health*: the parts of the mesh that applications depend on. */
import { dashboard, linkTo, UIDS } from "../parts/dashboard.ts";
import type { Dashboard } from "../parts/sdk-types.ts";
import { DATA_SOURCES, NAMESPACE } from "../parts/variables.ts";
import { certificates } from "./certificates.ts";
import { controlPlane } from "./control-plane.ts";
import { injection } from "./injection.ts";
import { proxies } from "./proxies.ts";
import { scraping } from "./scraping.ts";

/** The dashboard. The namespace selects proxies; the control plane and its certificates are always complete. */
export function meshHealthDashboard(): Dashboard {
  return dashboard({
    uid: UIDS.meshHealth,
    title: "Linkerd: mesh health",
    description: "Proxies, identities, certificates, injection, control plane and scraping.",
    variables: [...DATA_SOURCES, NAMESPACE],
    links: [linkTo(UIDS.applications, "Applications")],
    sections: [certificates(), proxies(), injection(), controlPlane(), scraping()],
  });
}
