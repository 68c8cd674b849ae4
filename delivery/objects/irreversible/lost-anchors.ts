/** Trust anchors that leave the bundle of the mesh, are deleted or are replaced. */
import { isDeepStrictEqual } from "node:util";
import { redactText } from "../../redaction/redact-text.ts";
import { formatObject, type KubernetesObject } from "../kubernetes-object.ts";
import { groupKind } from "../list-keys.ts";
import type { Irreversible, ObjectChanges } from "../object-changes.ts";
import type { ProgramResource } from "../program-resource.ts";
import { readFields } from "../workloads.ts";
import type { ResourceChanges } from "./find-irreversible.ts";

const BUNDLE = "linkerd-identity-trust-roots";
const ANCHOR = "linkerd-mesh:certificates:TrustAnchor";
