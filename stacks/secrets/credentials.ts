/** Credentials in an address: `https://user:password@host/…`, as Helm takes them. */

/** A text as a message may show it: an address in it is there without its credentials. */
export function withoutCredentials(text: string): string {
  // In what is no URL the password may hold anything: it ends at the last "@".
  const credentials = URL.canParse(text) ? /([\w+.-]+:[\\/]*)[^\\/?#]*@/ : /([\w+.-]+:[\\/]*).*@/s;
  return text.replace(credentials, "$1");
}

/** The URL of an address and, apart from it, what its credentials are as a header: `fetch` takes no URL with both. */
export function withCredentialsApart(address: string): { url: URL; headers: Record<string, string> } {
  const url = new URL(address);
  const { username, password } = url;
  if (username === "" && password === "") return { url, headers: {} };
  url.username = "";
  url.password = "";
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { url, headers: { authorization: `Basic ${Buffer.from(login).toString("base64")}` } };
}
