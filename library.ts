/** The package: the components, and the reference to a mesh that another stack built. */
export * from "./components/index.ts";
export { MeshReference } from "./components/mesh-reference.ts";
