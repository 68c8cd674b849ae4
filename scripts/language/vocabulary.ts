/**
 * Words that this project does not use. `npm run check:language` fails where a comment, a message, the name of a test
 * or a document contains one. The right column has the word that the Kubernetes, Linkerd and Pulumi docs use.
 *
 * Patterns are case-insensitive and match complete words. Code in backticks is not searched.
 */
export const WORDS: readonly (readonly [avoid: RegExp, use: string])[] = [
  // Verbs with a private meaning.
  [/mistakes?/, "issue, error"],
  [/mend(s|ed|ing)?/, "fix"],
  [/bear|bears|bearing|bore|borne/, "have, carry"],
  [/tell|tells|telling|told/, "report, print, state"],
  [/say|says|saying|said/, "report, print, state"],
  [/asks|asked|asking|ask for/, "request, enable, call"],
  [/for the asking/, "opt-in"],
  [/(be|been|is|are) had/, "available, possible"],
  [/(stands|stood|standing|stand(?!-))(?! for)/, "is, appears"],
  [/(yields?|yielding) to/, "… takes precedence"],
  [/lets? ([\w'-]+ ){0,4}(in|out|through|go)/, "allow, skip, release"],
  [/makes|made|making/, "create, produce, cause"],
  [/(vouch|vouches) for/, "support"],

  // Verbs of certificates and objects.
  [/lives|dies|lived|died/, "is valid for, expires, exits"],
  [/ends (first|within|in|on|after|before|by|\d)/, "expires, exits"],
  [/until (it|they|each|one) ends?/, "expires, exits"],
  [/(certificate|anchor|issuer|leaf|CA)s? ends?/, "expires"],
  [/(goes|gone|comes) (away|after|first|last|before|in|out|by|with)/, "is deleted, is created"],
  [/(roll|rolls|rolled|rolling)(?![ -](back|out|update|upgrade|restart))/, "restart"],

  // Nouns.
  [/authorit(y|ies)/, "CA"],
  [/(?<!custom resource |type )definitions/, "CRDs"],
  [/whole/, "complete, all of, integer"],
  [/in plain(?! (text|English|HTTP))/, "in plain text"],

  // Clauses that put the verb last, and negations that are read twice.
  [/what (is|are|was|were)/, "a noun: the value, the objects"],
  [/(?<!there )(is|are|was|were) no(?! (longer|more))/, "is not a, has no"],
  [/(is|are|was|were) (not )?there already|already there/, "already exists"],
  [/known only later/, "known only during `up`, an Output"],
  [/(nobody|no one) asks/, "has no effect"],
  [/anew|for ever/, "again, forever"],

  // Former forms of messages.
  [/; (expected|given)/, "<path>: must be …, got …"],
  [/\. Expected/, "<path>: must be …, got …"],
  [/known are/, "Known fields: …"],
];

/**
 * Former names, searched in product code and documents, also in backticks. `old: "new"` and `renamedFrom: "old"` are
 * allowed, because the program rejects an old name with the new one.
 */
export const NAMES: readonly (readonly [old: RegExp, use: string])[] = [
  [/\w*mistakes?\w*/i, "ValidationIssue, IssueCollector"],
  [/MeshSettingsError|SettingsError/, "ValidationError"],
  [/MeshIntent/, "MeshOptions"],
  [/ProxyIntent/, "ProxyOptions"],
  [/MeshInfo/, "MeshRef"],
  [/waitForProxy/, "proxyAwait"],
  [/shutdownGrace/, "shutdownGracePeriod"],
  [/signedBy/, "issuingAnchor"],
  [/selfSignedAuthority/, "createSelfSignedCa"],
  [/trustAnchorsPem/, "trustBundlePem"],
  [/INJECT_BY_LABEL/, "a name of its own for the namespace mode"],
  [/StandInOptions/, "WrappedResourceOptions"],
  [/holdsLater/, "containsOutput"],
  [/unionPorts|withoutPorts|includesPort/, "PortSet"],
  [/inCertificates/, "IssueCollector"],
];

/** Files that contain these words for a reason. */
export const EXCEPTIONS: readonly {
  readonly path: string;
  readonly words?: boolean;
  readonly names?: boolean;
}[] = [
  // The list itself.
  { path: "scripts/language/vocabulary.ts", words: true, names: true },
  // Planted sentences.
  { path: "test/unit/scripts/language.test.ts", words: true, names: true },
  // The old names beside the new ones.
  { path: "CHANGELOG.md", names: true },
];
