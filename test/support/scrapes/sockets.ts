/** The TCP connections of a process, on Linux. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** A watch of the connections of a process. */
export interface SocketWatch {
  /** Every remote address so far, also those of connections that were never established. */
  readonly addresses: ReadonlySet<string>;
  /** Ends the watch, which must happen before the process ends. */
  stop(): void;
}

/** A connection to an address without a route is retried for seconds, so that looking this often sees it. */
const INTERVAL_MS = 100;

export function watchSockets(pid: number): SocketWatch {
  const addresses = new Set<string>();
  const timer = setInterval(() => {
    for (const address of findRemoteAddresses(pid)) addresses.add(address);
  }, INTERVAL_MS);
  return { addresses, stop: () => clearInterval(timer) };
}

/** Remote addresses of the sockets of a process, without those that listen. */
function findRemoteAddresses(pid: number): string[] {
  const process = `/proc/${pid}`;
  const inodes = new Set(
    readdirSync(join(process, "fd")).flatMap((fd) => readInode(join(process, "fd", fd))),
  );
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(join(process, "net", table), "utf8")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((columns) => inodes.has(columns[9] ?? "") && columns[3] !== LISTENING)
      .map((columns) => formatAddress((columns[2] ?? "").split(":")[0] ?? "")),
  );
}

const LISTENING = "0A";

/** The inode of a file descriptor that is a socket. It may be closed before it is read. */
function readInode(path: string): string[] {
  try {
    return [readlinkSync(path).match(/^socket:\[(\d+)\]$/)?.[1] ?? []].flat();
  } catch {
    return [];
  }
}

/** An address of `/proc/net`: words of four bytes, the last byte first. Only the last word matters for IPv4 in IPv6. */
function formatAddress(hex: string): string {
  const isIpv4 = hex.length === 8 || hex.startsWith(`${"0".repeat(16)}FFFF0000`);
  if (!isIpv4) return hex === `${"0".repeat(24)}01000000` ? "::1" : hex;
  const bytes = hex.slice(-8).match(/../g) ?? [];
  return bytes
    .reverse()
    .map((byte) => Number.parseInt(byte, 16))
    .join(".");
}
