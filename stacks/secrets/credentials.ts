/** Credentials in a URL, `https://user:password@host/…`, which Helm accepts. */

/** A text without the credentials of a URL in it. */
export function withoutCredentials(text: string): string {
  // A password may contain any character where the text is not a valid URL, so it extends to the last "@".
  const credentials = URL.canParse(text) ? /([\w+.-]+:[\\/]*)[^\\/?#]*@/ : /([\w+.-]+:[\\/]*).*@/s;
  return text.replace(credentials, "$1");
}

/** Separates a URL from its credentials, which become a header: `fetch` rejects a URL with both. */
export function separateCredentials(address: string): { url: URL; headers: Record<string, string> } {
  const url = new URL(address);
  const { username, password } = url;
  if (username === "" && password === "") return { url, headers: {} };
  url.username = "";
  url.password = "";
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { url, headers: { authorization: `Basic ${Buffer.from(login).toString("base64")}` } };
}
