// Pulumi loads the main file of a pack with ts-node if it is TypeScript. Node itself loads what a module imports.
import "./index.ts";
