/** What the API server trusts when it calls Linkerd's servers. */
import { WEBHOOK_SERVICES, type WebhookServer } from "../../../components/certificates/webhook-servers.ts";
import type { HttpAnswer, ProbeCluster } from "../../cluster/probe-cluster.ts";

/** A server that the API server calls. */
export interface CalledServer {
  readonly server: WebhookServer;
  /** Its name in DNS and in its certificate. */
  readonly host: string;
  /** The objects that name it, with the CA certificates in them, PEM. */
  readonly callers: readonly Caller[];
}

export interface Caller {
  /** Kind and name, e.g. `MutatingWebhookConfiguration linkerd-proxy-injector-webhook-config`. */
  readonly object: string;
  readonly caBundlePem: string;
}

/** Fields of a webhook's `clientConfig`, and of the `spec` of an APIService. */
interface ClientConfig {
  readonly service?: { readonly name?: string; readonly namespace?: string };
  readonly caBundle?: string;
}

const ADMISSION = "/apis/admissionregistration.k8s.io/v1";
const APIS = "/apis/apiregistration.k8s.io/v1/apiservices";
const TAP_API = "v1alpha1.tap.linkerd.io";

/** The servers of a mesh in these namespaces, with their callers. Without viz, without viz's servers. */
export async function readCalledServers(
  cluster: Pick<ProbeCluster, "get">,
  namespace: string,
  vizNamespace: string | undefined,
): Promise<CalledServer[]> {
  const [mutating, validating, tap] = await Promise.all([
    cluster.get(`${ADMISSION}/mutatingwebhookconfigurations`),
    cluster.get(`${ADMISSION}/validatingwebhookconfigurations`),
    vizNamespace === undefined ? undefined : cluster.get(`${APIS}/${TAP_API}`),
  ]);
  const clients = [
    ...readConfigurations(mutating, "MutatingWebhookConfiguration"),
    ...readConfigurations(validating, "ValidatingWebhookConfiguration"),
    ...(tap === undefined || tap.status === 404
      ? []
      : [{ object: `APIService ${TAP_API}`, config: (parse(tap) as { spec: ClientConfig }).spec }]),
  ];
  return (Object.keys(WEBHOOK_SERVICES) as WebhookServer[]).flatMap((server) => {
    const { service, extension } = WEBHOOK_SERVICES[server];
    const home = extension === "viz" ? vizNamespace : namespace;
    if (home === undefined) return [];
    const callers = clients
      .filter(({ config }) => config.service?.name === service && config.service.namespace === home)
      .map(({ object, config }) => ({ object, caBundlePem: decode(config.caBundle) }));
    return [{ server, host: `${service}.${home}.svc`, callers }];
  });
}

function readConfigurations(answer: HttpAnswer, kind: string): { object: string; config: ClientConfig }[] {
  const { items } = parse(answer) as {
    items: { metadata: { name: string }; webhooks?: { clientConfig: ClientConfig }[] }[];
  };
  return items.flatMap(({ metadata, webhooks = [] }) =>
    webhooks.map(({ clientConfig }) => ({ object: `${kind} ${metadata.name}`, config: clientConfig })),
  );
}

function parse({ status, body }: HttpAnswer): unknown {
  if (status !== 200) throw new Error(`the API server answers ${status}: ${body.trim().slice(0, 200)}`);
  return JSON.parse(body);
}

const decode = (base64 = "") => Buffer.from(base64, "base64").toString();
