import { expect, test } from "vitest";
import { findMessages } from "../../../support/settings.ts";

test("linkerdVersion is rejected with its new name, chartVersion, and the command that moves its value", () => {
  expect(findMessages({ linkerdVersion: "2026.6.3" })).toEqual([
    "linkerd-mesh:linkerdVersion: renamed to chartVersion. " +
      "Fix: pulumi config set chartVersion 2026.6.3 && pulumi config rm linkerdVersion",
  ]);
});

test("ports.mail is rejected with its new name, ports.skipSmtp, and the command that moves its value", () => {
  expect(findMessages({ ports: { mail: false } })).toEqual([
    "linkerd-mesh:ports.mail: renamed to ports.skipSmtp. " +
      "Fix: pulumi config set --path ports.skipSmtp false && pulumi config rm --path ports.mail",
  ]);
});

test("protect is rejected with its new name, preventDestroyInUse, and the command that moves its value", () => {
  expect(findMessages({ protect: true })).toEqual([
    "linkerd-mesh:protect: renamed to preventDestroyInUse. " +
      "Fix: pulumi config set preventDestroyInUse true && pulumi config rm protect",
  ]);
});

test("certificates.signedBy is rejected with its new name, issuingAnchor, and the command that moves its value", () => {
  expect(findMessages({ certificates: { trustAnchors: [1, 2], signedBy: 2 } })).toEqual([
    "linkerd-mesh:certificates.signedBy: renamed to certificates.issuingAnchor. " +
      "Fix: pulumi config set --path certificates.issuingAnchor 2 && pulumi config rm --path certificates.signedBy",
  ]);
});

test("a renamed setting that was set without --path is rejected with its new name", () => {
  expect(findMessages({ "ports.mail": "false" })).toEqual([
    "linkerd-mesh:ports.mail: renamed to ports.skipSmtp. " +
      "Fix: pulumi config set --path ports.skipSmtp false && pulumi config rm ports.mail",
  ]);
});

test("a renamed setting is only to be removed where the new one is set", () => {
  expect(findMessages({ linkerdVersion: "2026.6.3", chartVersion: "2026.8.3" })).toEqual([
    "linkerd-mesh:linkerdVersion: renamed to chartVersion. Fix: pulumi config rm linkerdVersion",
  ]);
});

test("the value of a renamed setting that is secret is not shown", () => {
  expect(findMessages({ linkerdVersion: "2026.6.3" }, ["linkerdVersion"])).toEqual([
    expect.stringContaining("Fix: pulumi config set chartVersion <value> && pulumi config rm linkerdVersion"),
  ]);
});

test("the value of a renamed setting that no command can contain is not shown", () => {
  const [message] = findMessages({ protect: "https://robot:hunter2@charts.example" });
  expect(message).toContain("Fix: pulumi config set preventDestroyInUse <value> && ");
});
