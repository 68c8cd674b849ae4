/** Programs of others that check a password against a hash, on loopback. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import getPort from "get-port";
import which from "which";
import { listDependencies, unpackPackages } from "./debian.ts";

/** A program, and the environment that it needs. */
interface Program {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Finds a program on PATH, or in a Debian package with the libraries that match. */
async function findProgram(name: string, packageName: string, libraries: RegExp): Promise<Program> {
  const installed = await which(name, { nothrow: true });
  if (installed !== null) return { path: installed, env: process.env };
  const needed = await listDependencies(packageName, libraries);
  const directory = await unpackPackages(packageName, ...needed);
  const folders = ["usr/bin", "usr/sbin"].map((folder) => join(directory, folder));
  const path = await which(name, { path: folders.join(":") });
  const lib = join(directory, "usr/lib");
  const folder = needed.length > 0 ? readdirSync(lib).find((each) => each.endsWith("-linux-gnu")) : undefined;
  return { path, env: { ...process.env, ...(folder && { LD_LIBRARY_PATH: join(lib, folder) }) } };
}

/** Whether Apache's `htpasswd` accepts the password for a user of an htpasswd file with this content. */
export async function isAcceptedByHtpasswd(file: string, user: string, password: string): Promise<boolean> {
  const { path, env } = await findProgram("htpasswd", "apache2-utils", /^libapr/);
  const name = join(mkdtempSync(join(tmpdir(), "htpasswd-")), "users");
  writeFileSync(name, file);
  try {
    await promisify(execFile)(path, ["-vb", name, user, password], { env });
    return true;
  } catch (error) {
    // Its exit status for another password (httpd.apache.org, "htpasswd").
    if ((error as { code?: unknown }).code === 3) return false;
    throw error;
  }
}

/** A server that requires a password. */
export interface PasswordServer {
  /** The status of its answer to `<user>:<password>`, or to a request without them. */
  readonly statusFor: (credentials?: string) => Promise<number>;
  readonly stop: () => Promise<void>;
}

/** Starts nginx, which answers 200 only to users of an htpasswd file with this content. */
export async function startNginx(file: string): Promise<PasswordServer> {
  const { path, env } = await findProgram("nginx", "nginx", /^$/);
  const directory = mkdtempSync(join(tmpdir(), "nginx-"));
  const port = await getPort({ host: "127.0.0.1" });
  writeFileSync(join(directory, "users"), file);
  writeFileSync(join(directory, "index.html"), "viz");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path ${directory}/${kind};`)
    .join(" ");
  // The workers of a root user's nginx would run as another user, who cannot read the directory.
  const user = process.getuid?.() === 0 ? "user root;" : "";
  writeFileSync(
    join(directory, "nginx.conf"),
    `daemon off; worker_processes 1; ${user} pid ${directory}/pid; error_log ${directory}/error.log;
     events {}
     http {
       access_log off; ${temporary}
       server {
         listen 127.0.0.1:${port}; root ${directory};
         location / { auth_basic "linkerd-viz"; auth_basic_user_file ${directory}/users; }
       }
     }`,
  );
  return serve(
    spawn(path, ["-p", directory, "-c", join(directory, "nginx.conf"), "-e", join(directory, "error.log")], {
      env,
    }),
    port,
  );
}

/** Starts HAProxy, which answers 200 only to the users with these hashes. */
export async function startHaproxy(hashes: Readonly<Record<string, string>>): Promise<PasswordServer> {
  const { path, env } = await findProgram("haproxy", "haproxy", /^liblua5.3-0$|^libopentracing/);
  const directory = mkdtempSync(join(tmpdir(), "haproxy-"));
  const port = await getPort({ host: "127.0.0.1" });
  const users = Object.entries(hashes).map(([user, hash]) => `  user ${user} password ${hash}`);
  writeFileSync(
    join(directory, "haproxy.cfg"),
    [
      "defaults",
      "  mode http",
      "  timeout connect 1s",
      "  timeout client 10s",
      "  timeout server 10s",
      "userlist viz",
      ...users,
      "frontend viz",
      `  bind 127.0.0.1:${port}`,
      "  http-request auth realm linkerd-viz unless { http_auth(viz) }",
      "  http-request return status 200",
      "",
    ].join("\n"),
  );
  return serve(spawn(path, ["-db", "-f", join(directory, "haproxy.cfg")], { env }), port);
}

async function serve(child: ChildProcess, port: number): Promise<PasswordServer> {
  let output = "";
  child.stderr?.on("data", (text) => {
    output += text;
  });
  const ended = once(child, "exit");
  const statusFor = async (credentials?: string) => {
    const headers = credentials && { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
    const response = await fetch(`http://127.0.0.1:${port}/`, {
      headers: { ...headers, connection: "close" },
    });
    await response.text();
    return response.status;
  };
  const deadline = Date.now() + 20_000;
  for (;;) {
    const isAnswered = await statusFor().then(
      () => true,
      () => false,
    );
    if (isAnswered) break;
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`the server does not answer: ${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    statusFor,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
