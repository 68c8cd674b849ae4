/** Credentials in a URL, `https://user:password@host/…`, which Helm accepts. */

/** A text without the credentials of a URL in it. */
export function withoutCredentials(text: string): string {
  // A password may contain any character where the text is not a valid URL, so it extends to the last "@".
  const credentials = URL.canParse(text) ? /([\w+.-]+:[\\/]*)[^\\/?#]*@/ : /([\w+.-]+:[\\/]*).*@/s;
  return text.replace(credentials, "$1");
}

/** The user name and password in a URL; `undefined` where the text is not a URL that has them. */
export function readCredentials(address: string): { username: string; password: string } | undefined {
  if (!URL.canParse(address)) return undefined;
  const { username, password } = new URL(address);
  if (username === "" && password === "") return undefined;
  return { username: decode(username), password: decode(password) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // A "%" that encodes nothing stands for itself.
  }
}

/** The header of HTTP basic authentication (RFC 7617). */
export function basicAuthorization(login: { username: string; password: string } | undefined) {
  if (login === undefined) return {};
  const text = `${login.username}:${login.password}`;
  return { authorization: `Basic ${Buffer.from(text).toString("base64")}` };
}
