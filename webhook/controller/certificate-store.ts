import {
  hostsOf,
  isForHosts,
  isHandedOver,
  type Certificate,
} from '../../shared/certmanager/certificate.ts'
import { byAge, keyOf } from '../../shared/kube/object.ts'
import { isOurs } from '../../shared/ours.ts'
import { createMultimap } from '../../shared/multimap.ts'

/** The Certificates of the cluster, ours and others', by their keys and by their hosts. */
export type CertificateStore = {
  put(certificate: Certificate): void
  remove(certificate: Certificate): void
  get(key: string): Certificate | undefined
  keys(): Iterable<string>
  all(): Iterable<Certificate>
  /** The keys of a namespace's Certificates for a host. */
  keysOfHost(namespace: string, host: string): Iterable<string>
  /** The oldest Certificate of ours that stands for a host in a namespace, else the oldest that was handed
   * over; none of those `isNamed` says it of, which are under a Secret name of their routes' own. */
  ofHost(
    namespace: string,
    host: string,
    isNamed: (key: string) => boolean,
  ): Certificate | undefined
  /** Whether an object of a namespace owns a Certificate of ours there. */
  isOwner(namespace: string, uid: string): boolean
  /** The namespace of the oldest Certificate of ours for a host, or undefined. */
  holderOf(host: string): string | undefined
}

/** An empty store. */
export function createCertificateStore(): CertificateStore {
  const certificates = new Map<string, Certificate>()
  const ofNamespace = createMultimap<string, string>()
  const anywhere = createMultimap<string, string>()
  const ofOwner = createMultimap<string, string>()
  const oldest = (keys: Iterable<string>, is: (one: Certificate) => boolean) =>
    [...keys]
      .flatMap((key) => certificates.get(key) ?? [])
      .filter(is)
      .sort(byAge)[0]

  const link = (key: string, certificate: Certificate, change: 'add' | 'remove'): void => {
    const { namespace, ownerReferences } = certificate.metadata
    for (const host of hostsOf(certificate)) {
      ofNamespace[change](`${namespace}/${host}`, key)
      anywhere[change](host, key)
    }
    if (!isOurs(certificate)) return
    for (const { uid } of ownerReferences) ofOwner[change](`${namespace}/${uid}`, key)
  }
  const remove = (certificate: Certificate): void => {
    const key = keyOf(certificate)
    const known = certificates.get(key)
    if (known !== undefined) link(key, known, 'remove')
    certificates.delete(key)
  }

  return {
    put: (certificate) => {
      remove(certificate)
      certificates.set(keyOf(certificate), certificate)
      link(keyOf(certificate), certificate, 'add')
    },
    remove,
    get: (key) => certificates.get(key),
    keys: () => certificates.keys(),
    all: () => certificates.values(),
    keysOfHost: (namespace, host) => ofNamespace.get(`${namespace}/${host}`),
    ofHost: (namespace, host, isNamed) => {
      const keys = [...ofNamespace.get(`${namespace}/${host}`)].filter((key) => !isNamed(key))
      return oldest(keys, isForHosts) ?? oldest(keys, isHandedOver)
    },
    isOwner: (namespace, uid) => ofOwner.has(`${namespace}/${uid}`),
    holderOf: (host) => oldest(anywhere.get(host), isOurs)?.metadata.namespace,
  }
}
