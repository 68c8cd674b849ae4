/**
 * The layers of the product, lowest first, as patterns of paths. A file imports from its own layer and from lower
 * ones; imports of types count. docs/architecture.md describes the layers.
 */
const LAYERS = [
  "^components/inputs/",
  "^components/certificates/x509/",
  "^components/certificates/[^/]+$",
  "^components/certificates/provided/",
  "^components/certificates/modes/",
  "^components/observability/promql/",
  "^components/observability/series/",
  "^components/observability/scraping/",
  "^components/observability/rules/",
  "^components/observability/dashboards/parts/",
  "^components/observability/dashboards/(applications|mesh-health)/",
  "^components/observability/dashboards/[^/]+$",
  "^components/linkerd/charts/",
  "^components/linkerd/values/",
  "^components/linkerd/[^/]+$",
  "^components/deployed/",
  "^components/meshing/",
  "^components/deployment/",
  "^components/monitoring/",
  "^components/[^/]+$",
  "^stacks/secrets/",
  "^stacks/settings/messages/",
  "^stacks/settings/(viz-access/)?[^/]+$",
  "^stacks/cluster/",
  "^stacks/(preflight|state|removal)/",
  "^stacks/[^/]+$",
  "^index\\.ts$",
];

/** The layers of what shows and checks a change before it is deployed, lowest first. */
const DELIVERY_LAYERS = [
  "^delivery/(redaction|markdown|objects)/",
  "^delivery/program/",
  "^delivery/golden/",
  "^delivery/(manifests|summary|github)/",
];

const PRODUCT = ["^index\\.ts$", "^components/", "^stacks/"];

/** Types of Grafana's JSON. The compiler reads them, and no running program does. */
const DASHBOARD_TYPES = "@grafana/grafana-foundation-sdk/";

const layerRules = [LAYERS, DELIVERY_LAYERS].flatMap((layers) =>
  layers.slice(0, -1).map((layer, index) => ({
    name: `layer ${layer}`,
    comment: "A file imports from its own layer and from lower ones.",
    severity: "error",
    from: { path: layer },
    to: { path: layers.slice(index + 1) },
  })),
);

export default {
  forbidden: [
    ...layerRules,
    {
      name: "known layer",
      comment: "Every product file belongs to a layer.",
      severity: "error",
      from: {},
      to: { path: [...PRODUCT, "^delivery/"], pathNot: [...LAYERS, ...DELIVERY_LAYERS] },
    },
    {
      name: "no cycles",
      comment:
        "Files that import each other can't be read or tested alone. Move the shared part to a third file.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "product only",
      comment:
        "The product does not need its tests, its sandbox, its benchmarks, the acceptance test or what checks a change.",
      severity: "error",
      from: { path: PRODUCT },
      to: { path: "^(test|sandbox|bench|scripts|examples|templates|verify|delivery|policy)/" },
    },
    {
      name: "delivery",
      comment: "A change is shown with the program itself and the tools of the sandbox, without tests.",
      severity: "error",
      from: { path: "^delivery/" },
      to: { path: "^(index\\.ts$|(test|bench|scripts|examples|templates|verify)/)" },
    },
    {
      name: "rules of policies",
      comment: "A policy pack judges the stacks of other programs too, so it needs the library only.",
      severity: "error",
      from: { path: "^policy/" },
      to: { path: "^(index\\.ts$|(stacks|delivery|test|sandbox|bench|scripts|examples|templates|verify)/)" },
    },
    {
      name: "acceptance test",
      comment:
        "The acceptance test is part of the package. It needs the library, and the kubeconfig of the user.",
      severity: "error",
      from: { path: "^verify/" },
      to: {
        path: "^(index\\.ts$|(test|sandbox|bench|scripts|examples|templates|stacks|delivery|policy)/)",
        pathNot: "^stacks/cluster/",
      },
    },
    {
      name: "installed packages",
      comment: "`npm ci --omit=dev && pulumi up` must work: the program needs packages from `dependencies`.",
      severity: "error",
      from: { path: PRODUCT },
      to: { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], pathNot: DASHBOARD_TYPES },
    },
    {
      name: "library packages",
      comment: "The published library has peer dependencies only.",
      severity: "error",
      from: { path: "^components/" },
      to: {
        dependencyTypes: ["npm", "npm-optional"],
        dependencyTypesNot: ["npm-peer"],
        pathNot: DASHBOARD_TYPES,
      },
    },
    {
      name: "types of dashboards",
      comment: "Import only types of Grafana's SDK: it is a development dependency.",
      severity: "error",
      from: { path: PRODUCT },
      to: { path: DASHBOARD_TYPES, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "found imports",
      comment: "The imported file or package does not exist.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "used files",
      comment: "Neither the program nor the library imports the file. Delete it.",
      severity: "error",
      from: { path: ["^index\\.ts$", "^components/index\\.ts$"] },
      to: {
        path: "^(components|stacks)/",
        pathNot: "^components/index\\.ts$",
        reachable: false,
      },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["types", "import", "default"] },
  },
};
