/** The names of what `deploy/tlsauto.yaml` installs. The server knows all of them but its namespace, which is a flag. */
export const INSTALLATION = {
  /** Where nobody says otherwise. */
  namespace: 'tlsauto',
  serviceAccount: 'tlsauto',
  deployment: 'tlsauto',
  /** The server's container in the Deployment. */
  container: 'tlsauto',
  service: 'tlsauto',
  lease: 'tlsauto',
  /** The mutating and the first validating webhook configuration. */
  webhooks: 'tlsauto',
  /** The configuration of the host check: its failurePolicy is the operator's. */
  hostsWebhook: 'tlsauto-hosts',
  /** The one Secret that tlsauto reads and writes. */
  servingSecret: 'tlsauto-serving',
} as const
