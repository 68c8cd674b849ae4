import { expect, test } from "vitest";
import { environmentProxy } from "../../../../stacks/cluster/environment-proxy.ts";

const SERVER = "https://api.corp.example:6443";
const proxy = "http://proxy.corp.example:3128";

test.each([
  ["HTTPS_PROXY", SERVER],
  ["https_proxy", SERVER],
  ["HTTP_PROXY", "http://api.corp.example:8080"],
  ["http_proxy", "http://api.corp.example:8080"],
])("%s applies to requests to %s", (variable, server) => {
  expect(environmentProxy(server, { [variable]: proxy })).toBe(proxy);
});

test("the proxy for HTTP does not apply to HTTPS, and an empty variable has no effect", () => {
  expect(environmentProxy(SERVER, { HTTP_PROXY: proxy })).toBeUndefined();
  expect(environmentProxy(SERVER, { HTTPS_PROXY: "" })).toBeUndefined();
  expect(environmentProxy(SERVER, {})).toBeUndefined();
});

test("a proxy without a scheme is an HTTP proxy", () => {
  expect(environmentProxy(SERVER, { HTTPS_PROXY: "proxy.corp.example:3128" })).toBe(proxy);
  expect(environmentProxy(SERVER, { HTTPS_PROXY: "socks5://proxy:1080" })).toBe("socks5://proxy:1080");
});

test.each(["https://localhost:6443", "https://127.0.0.1:6443", "https://[::1]:6443"])(
  "a request to %s never uses a proxy",
  (server) => {
    expect(environmentProxy(server, { HTTPS_PROXY: proxy })).toBeUndefined();
  },
);

test.each([
  ["*", SERVER],
  ["api.corp.example", SERVER],
  ["corp.example", SERVER],
  [".corp.example", SERVER],
  ["*.corp.example", SERVER],
  ["other.example, API.Corp.Example ", SERVER],
  ["corp.example:6443", SERVER],
  ["10.1.2.3", "https://10.1.2.3"],
  ["10.0.0.0/8", "https://10.1.2.3:6443"],
  ["fd00::/8", "https://[fd12::1]:6443"],
])("NO_PROXY %s exempts %s", (exceptions, server) => {
  expect(environmentProxy(server, { HTTPS_PROXY: proxy, NO_PROXY: exceptions })).toBeUndefined();
  expect(environmentProxy(server, { HTTPS_PROXY: proxy, no_proxy: exceptions })).toBeUndefined();
});

test.each([
  ["", SERVER],
  ["example", "https://notexample"],
  ["orp.example", SERVER],
  [".api.corp.example", SERVER],
  ["corp.example:443", SERVER],
  ["10.0.0.0/8", "https://11.1.2.3:6443"],
  ["10.0.0.0/99", "https://10.1.2.3:6443"],
  ["10.0.0.0/8", SERVER],
  ["fd00::/8", "https://10.1.2.3:6443"],
])("NO_PROXY %s does not exempt %s", (exceptions, server) => {
  expect(environmentProxy(server, { HTTPS_PROXY: proxy, NO_PROXY: exceptions })).toBe(proxy);
});
