/** The outputs of the providers that the program reads, without the providers. */
import * as pulumi from "@pulumi/pulumi";
import { type CertificateArgs, createCertificate, type StandInCertificate } from "./stand-in-certificates.ts";

/** The outputs of a resource that differ from its inputs. Secrets are secret Outputs, as with the provider. */
export type Provide = (resource: pulumi.runtime.MockResourceArgs) => Promise<object>;

/** Creates providers for one run of the program. The validity of all certificates begins at `notBefore`. */
export function createProvider(notBefore: Date): Provide {
  const requests = new Map<string, CertificateArgs>();
  const issued = new Map<string, StandInCertificate>();
  const issue = async (args: CertificateArgs, signer?: StandInCertificate) => {
    const certificate = await createCertificate(args, notBefore, signer);
    issued.set(certificate.certPem, certificate);
    return { certPem: certificate.certPem };
  };
  return async ({ type, name, inputs }) => {
    switch (type) {
      case "tls:index/privateKey:PrivateKey":
        return { privateKeyPemPkcs8: pulumi.secret(`key of ${name}`) };
      case "tls:index/certRequest:CertRequest": {
        const certRequestPem = `[certificate request ${name}]`;
        requests.set(certRequestPem, inputs);
        return { certRequestPem };
      }
      case "tls:index/selfSignedCert:SelfSignedCert":
        return issue(inputs);
      case "tls:index/locallySignedCert:LocallySignedCert":
        return issue({ ...requests.get(inputs.certRequestPem), ...inputs }, issued.get(inputs.caCertPem));
      case "random:index/randomInteger:RandomInteger":
        return { result: 0 };
      case "random:index/randomPassword:RandomPassword":
        return {
          result: pulumi.secret(`password of ${name}`),
          bcryptHash: pulumi.secret(`$2a$10$hash of ${name}`),
        };
      case "kubernetes:helm.sh/v3:Release":
        return { status: { status: "deployed" } };
      default:
        return {};
    }
  };
}
