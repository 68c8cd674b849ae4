/** `tsc` evaluates these assertions, in `npm run check`. */
import { expectTypeOf, test } from "vitest";
import type { MeshCertificates } from "../../../../components/certificates/certificate-options.ts";
import type { ServiceMeshArgs } from "../../../../components/service-mesh-args.ts";
import type { toCharts } from "../../../../stacks/settings/chart-settings.ts";
import type { Settings } from "../../../../stacks/settings/settings-schema.ts";

/** Settings that are fields of the argument `charts`. */
type ChartSetting = "chartVersion" | "chartSource" | "chartCredentials";
/** Settings without an argument: a transform, and a resource of the stack. */
type StackSetting = "adopt" | "preventDestroyInUse";
/** Arguments without a setting, because the program reads their values from the state and from the stack's name. */
type StackArgument = "deployed" | "owner";

type ArgumentName = Exclude<keyof ServiceMeshArgs, StackArgument>;
type Argument<Name extends keyof ServiceMeshArgs> = NonNullable<ServiceMeshArgs[Name]>;
type CertificatesIn<Mode extends MeshCertificates["mode"]> = Extract<MeshCertificates, { mode: Mode }>;
type CertificateSettingsIn<Mode extends MeshCertificates["mode"]> = Extract<
  Settings["certificates"],
  { mode: Mode }
>;

test("every argument of ServiceMesh is a setting, and every setting of the mesh is an argument", () => {
  expectTypeOf<ArgumentName>().toEqualTypeOf<Exclude<keyof Settings, ChartSetting | StackSetting>>();
});

test("the settings are valid arguments of ServiceMesh", () => {
  type Arguments = Omit<Settings, ChartSetting | StackSetting | "charts"> & {
    charts: ReturnType<typeof toCharts>;
  };
  expectTypeOf<Arguments>().toExtend<ServiceMeshArgs>();
});

test("the settings proxy, ports and extraValues have the fields of their arguments", () => {
  expectTypeOf<keyof Settings["proxy"]>().toEqualTypeOf<keyof Argument<"proxy">>();
  expectTypeOf<keyof Settings["ports"]>().toEqualTypeOf<keyof Argument<"ports">>();
  expectTypeOf<keyof Settings["extraValues"]>().toEqualTypeOf<keyof Argument<"extraValues">>();
});

test("the settings of charts have the fields of the argument charts", () => {
  expectTypeOf<keyof Settings["charts"] | "version" | "source" | "credentials">().toEqualTypeOf<
    keyof Argument<"charts">
  >();
});

test("the setting certificates has the fields of its argument in every mode", () => {
  expectTypeOf<keyof CertificateSettingsIn<"generated">>().toEqualTypeOf<keyof CertificatesIn<"generated">>();
  expectTypeOf<keyof CertificateSettingsIn<"provided">>().toEqualTypeOf<keyof CertificatesIn<"provided">>();
  expectTypeOf<keyof CertificateSettingsIn<"certManager">>().toEqualTypeOf<
    keyof CertificatesIn<"certManager">
  >();
});
