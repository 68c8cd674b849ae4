/** Inputs of the pinned actions, because actionlint checks none of an action that is pinned by its SHA. */

export interface PinnedAction {
  readonly version: string;
  /** Names of the inputs in `action.yml` of this commit. */
  readonly inputs: readonly string[];
}

/** By reference. Source: `https://github.com/<owner>/<name>/blob/<sha>/action.yml`. */
export const ACTION_INPUTS: Readonly<Record<string, PinnedAction>> = {
  "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1": {
    version: "v7.0.1",
    inputs: words(`
      repository ref token ssh-key ssh-known-hosts ssh-strict ssh-user persist-credentials path clean
      filter sparse-checkout sparse-checkout-cone-mode fetch-depth fetch-tags show-progress lfs submodules
      set-safe-directory github-server-url allow-unsafe-pr-checkout
    `),
  },
  "actions/setup-node@820762786026740c76f36085b0efc47a31fe5020": {
    version: "v7.0.0",
    inputs: words(`
      node-version node-version-file architecture check-latest registry-url scope token cache
      package-manager-cache cache-dependency-path mirror mirror-token
    `),
  },
  "actions/cache@27d5ce7f107fe9357f9df03efb73ab90386fccae": {
    version: "v5.0.5",
    inputs: words(`
      path key restore-keys upload-chunk-size enableCrossOsArchive fail-on-cache-miss lookup-only
      save-always
    `),
  },
  "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f": {
    version: "v7.0.0",
    inputs: words(`
      name path if-no-files-found retention-days compression-level overwrite include-hidden-files archive
    `),
  },
  "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c": {
    version: "v8.0.1",
    inputs: words(`
      name artifact-ids path pattern merge-multiple github-token repository run-id skip-decompress
      digest-mismatch
    `),
  },
  "pulumi/actions@8e5e406f4007fca908480587cb9893c07090f58d": {
    version: "v7.0.0",
    inputs: words(`
      command stack-name pulumi-version pulumi-version-file work-dir comment-on-pr comment-on-pr-number
      comment-on-summary github-token cloud-url secrets-provider parallel message config-map
      expect-no-changes diff replace exclude exclude-dependents target target-dependents policyPacks
      policyPackConfigs refresh upsert remove edit-pr-comment color exclude-protected plan
      suppress-outputs suppress-progress always-include-summary continue-on-error log-verbosity log-flow
      debug
    `),
  },
  "pulumi/auth-actions@141415910c3beb54e03b48e9057c204c97b956f2": {
    version: "v2.1.0",
    inputs: words(`
      organization requested-token-type scope token-expiration export-environment-variables cloud-url
    `),
  },
  "aws-actions/configure-aws-credentials@e6de054238d6b7531b4efff3b6587d9aade6a06c": {
    version: "v6.2.3",
    inputs: words(`
      aws-region aws-profile overwrite-aws-profile role-to-assume aws-access-key-id aws-secret-access-key
      aws-session-token web-identity-token-file role-chaining audience http-proxy no-proxy
      mask-aws-account-id role-duration-seconds role-external-id role-session-name
      role-skip-session-tagging transitive-tag-keys inline-session-policy managed-session-policies
      output-credentials output-env-credentials unset-current-credentials disable-retry retry-max-attempts
      special-characters-workaround use-existing-credentials allowed-account-ids force-skip-oidc
      action-timeout-s custom-tags sts-endpoint
    `),
  },
  "google-github-actions/auth@7c6bc770dae815cd3e89ee6cdf493a5fab2cc093": {
    version: "v3.0.0",
    inputs: words(`
      project_id workload_identity_provider service_account audience credentials_json
      create_credentials_file export_environment_variables token_format delegates universe request_reason
      cleanup_credentials access_token_lifetime access_token_scopes access_token_subject id_token_audience
      id_token_include_email
    `),
  },
  "azure/login@f5d393ae46f8fde4be8b75f32e3fc50e654ad0ca": {
    version: "v3.0.1",
    inputs: words(`
      creds client-id tenant-id subscription-id enable-AzPSSession environment allow-no-subscriptions
      audience auth-type
    `),
  },
};

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
