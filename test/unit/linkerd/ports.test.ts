import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PortSet } from "../../../components/inputs/port-set.ts";
import { formatIssue } from "../../../components/inputs/validation.ts";
import {
  DEFAULT_OPAQUE_PORTS,
  DEFAULT_SKIP_PORTS,
  MAIL_PORTS,
  mapPortLists,
  meshPortSets,
  meshPorts,
  type PortSettings,
  portIssues,
  portLists,
} from "../../../components/linkerd/values/ports.ts";
import { outputValue } from "../../support/mocks.ts";

const port = fc.integer({ min: 1, max: 65535 });
const list = fc.array(port, { maxLength: 5 });
const settings = fc.record({ skipOutbound: list, skipInbound: list, opaque: list, skipSmtp: fc.boolean() });

const issuesOf = (ports?: PortSettings) => portIssues(ports).map(formatIssue);

describe("the port lists of a mesh", () => {
  test("without settings, a mesh skips SMTP outbound, treats it as opaque, and leaves the inbound list to the chart", () => {
    const { skipOutbound, skipInbound, opaque } = portLists();
    expect([`${skipOutbound}`, skipInbound, `${opaque}`]).toEqual([
      "25,465,587,2525,4567,4568",
      undefined,
      "25,465,587,2525,3306,4444,5432,6379,9300,11211",
    ]);
    expect(`${MAIL_PORTS.union(DEFAULT_SKIP_PORTS)}`).toBe("25,465,587,2525,4567,4568");
    expect(meshPorts()).toEqual({
      skipOutbound: "25,465,587,2525,4567,4568",
      skipInbound: "4567,4568",
      opaque: "25,465,587,2525,3306,4444,5432,6379,9300,11211",
    });
  });

  test("every port that Linkerd treats as opaque by default stays opaque", () => {
    expect(`${meshPortSets().opaque.without(MAIL_PORTS)}`).toBe("3306,4444,5432,6379,9300,11211");
    expect(`${DEFAULT_OPAQUE_PORTS.without(meshPortSets().opaque)}`).toBe("");
  });

  test("every mail port that a mesh skips outbound is opaque, whichever setting skips it", () => {
    fc.assert(
      fc.property(settings, (given) => {
        const { skipOutbound, opaque } = meshPortSets(given);
        expect(`${skipOutbound.intersection(MAIL_PORTS).without(opaque)}`).toBe("");
      }),
    );
    const { skipOutbound, opaque } = meshPortSets({ skipSmtp: false, skipOutbound: [2525] });
    expect([skipOutbound.has(2525), opaque.has(2525)]).toEqual([true, true]);
  });

  test("every list contains exactly the given ports, Linkerd's defaults and SMTP", () => {
    const check = (set: PortSet, ...expected: PortSet[]) => {
      const all = PortSet.EMPTY.union(...expected);
      expect([`${set.without(all)}`, `${all.without(set)}`]).toEqual(["", ""]);
    };
    fc.assert(
      fc.property(settings, (given) => {
        const sets = meshPortSets(given);
        const smtp = given.skipSmtp ? MAIL_PORTS : PortSet.EMPTY;
        check(sets.skipOutbound, PortSet.of(...given.skipOutbound), DEFAULT_SKIP_PORTS, smtp);
        check(sets.skipInbound, PortSet.of(...given.skipInbound), DEFAULT_SKIP_PORTS);
        check(sets.opaque, PortSet.of(...given.opaque), DEFAULT_OPAQUE_PORTS, MAIL_PORTS);
      }),
    );
  });

  test("the output `ports` of a mesh reads back as the same sets", () => {
    fc.assert(
      fc.property(settings, (given) => {
        const sets = Object.values(meshPorts(given)).map((list) => PortSet.of(list));
        expect(sets.map(String)).toEqual(Object.values(meshPortSets(given)).map(String));
      }),
    );
  });

  test("an Output in one list leaves the other lists plain", async () => {
    const given = { skipOutbound: [pulumi.output(9000)], skipInbound: [7000], opaque: pulumi.output([6000]) };
    const printed = mapPortLists(given, (resolved, list) => meshPorts(resolved)[list]);
    expect(printed.skipInbound).toBe("4567,4568,7000");
    expect(await outputValue(pulumi.output(printed))).toEqual(
      meshPorts({ skipOutbound: [9000], skipInbound: [7000], opaque: [6000] }),
    );
  });

  test("skipSmtp as an Output decides the outbound list when it resolves, and leaves the other lists plain", async () => {
    const printed = mapPortLists({ skipSmtp: pulumi.output(false), opaque: [6000] }, (resolved, list) =>
      portLists(resolved)[list]?.toString(),
    );
    expect([printed.skipInbound, printed.opaque]).toEqual([
      undefined,
      "25,465,587,2525,3306,4444,5432,6000,6379,9300,11211",
    ]);
    expect(await outputValue(pulumi.output(printed.skipOutbound))).toBe("4567,4568");
  });
});

describe("issues with port lists", () => {
  test("valid port lists have no issues", () => {
    expect(issuesOf()).toEqual([]);
    expect(issuesOf({ skipOutbound: [25, "4000-4010"], skipInbound: ["80"], opaque: [6000] })).toEqual([]);
  });

  test("an item that is not a port is reported with its index", () => {
    expect(issuesOf({ skipOutbound: [25, "http"], opaque: [0] })).toEqual([
      'ports.skipOutbound[1]: must be a port from 1 to 65535 or a range such as "4000-4010", got "http".',
      'ports.opaque[0]: must be a port from 1 to 65535 or a range such as "4000-4010", got 0.',
    ]);
  });

  test("a port that a list contains twice is reported where it is repeated", () => {
    expect(issuesOf({ skipInbound: ["80-90", 85, 443, "443"] })).toEqual([
      "ports.skipInbound[1]: must list each port once, got 85 again. Fix: remove ports.skipInbound[1]",
      "ports.skipInbound[3]: must list each port once, got 443 again. Fix: remove ports.skipInbound[3]",
    ]);
  });

  test("a port that is both skipped and opaque is reported with both lists", () => {
    const issues = portIssues({ skipOutbound: [6000], opaque: ["5990-6010"] });
    expect(issues.map(formatIssue)).toEqual([
      "ports.opaque[0]: must not overlap ports.skipOutbound, got 6000 in both. " +
        "A skipped port never reaches a proxy, so it cannot be opaque.",
    ]);
    expect(issues[0]?.conflictsWith).toEqual(["ports", "skipOutbound"]);
  });

  test.each([
    [4567, "4567"],
    ["4567-4568", "4567-4568"],
    [4191, "4191"],
  ])("an opaque port that Linkerd skips by default is reported: %s", (port, got) => {
    expect(issuesOf({ opaque: [6000, port] })).toEqual([
      `ports.opaque[1]: must not be a port that Linkerd skips by default, got ${got}. ` +
        "A skipped port never reaches a proxy, so it cannot be opaque. Fix: remove ports.opaque[1]",
    ]);
  });

  test("an opaque range that spans ports which Linkerd skips by default is valid", () => {
    expect(issuesOf({ opaque: ["4000-5000"] })).toEqual([]);
  });

  test("a mail port may be opaque although it is skipped outbound, but not inbound", () => {
    expect(issuesOf({ opaque: [465, 2525], skipOutbound: [2525] })).toEqual([]);
    expect(issuesOf({ opaque: [2525], skipInbound: [2525] })).toEqual([
      "ports.opaque[0]: must not overlap ports.skipInbound, got 2525 in both. " +
        "A skipped port never reaches a proxy, so it cannot be opaque. Fix: remove ports.opaque[0]",
    ]);
  });

  test("an Output in a list is not checked, and the items beside it are", () => {
    expect(issuesOf({ skipOutbound: [pulumi.output("http"), "http"], opaque: pulumi.output([0]) })).toEqual([
      'ports.skipOutbound[1]: must be a port from 1 to 65535 or a range such as "4000-4010", got "http".',
    ]);
  });
});
