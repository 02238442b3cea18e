import {
  hostsOf,
  isForHosts,
  isHandedOver,
  type Certificate,
} from '../../../shared/certmanager/certificate.ts'
import { byAge, keyOf } from '../../../shared/kube/object.ts'
import { isOurs } from '../../../shared/kube/ours.ts'
import { createMultimap } from '../../../shared/json/multimap.ts'

/** The Certificates of the cluster, ours and others', by their keys and by their hosts. */
export type CertificateStore = {
  put(certificate: Certificate): void
  remove(certificate: Certificate): void
  get(key: string): Certificate | undefined
  keys(): Iterable<string>
  all(): Iterable<Certificate>
  /** The keys of a namespace's Certificates for a host. */
  keysOfHost(namespace: string, host: string): Iterable<string>
  /** The Certificates of ours that stand for a host in a namespace, the first of which is its own: before
   * those that it shares with hosts whose names came out equal, and those that were handed over and are not
   * ours yet, each the oldest first. None of those `isNamed` says it of, which are under a Secret name of
   * their routes' own. */
  ofHost(namespace: string, host: string, isNamed: (key: string) => boolean): readonly Certificate[]
  /** Whether an object of a namespace owns a Certificate of ours there. */
  isOwner(namespace: string, uid: string): boolean
}

/** An empty store. */
export function createCertificateStore(): CertificateStore {
  const certificates = new Map<string, Certificate>()
  const ofNamespace = createMultimap<string, string>()
  const ofOwner = createMultimap<string, string>()

  const link = (key: string, certificate: Certificate, change: 'add' | 'remove'): void => {
    const { namespace, ownerReferences } = certificate.metadata
    for (const host of hostsOf(certificate)) {
      ofNamespace[change](`${namespace}/${host}`, key)
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
      const all = Array.from(ofNamespace.get(`${namespace}/${host}`))
        .filter((key) => !isNamed(key))
        .flatMap((key) => certificates.get(key) ?? [])
        .filter((one) => isForHosts(one) || isHandedOver(one))
      return all.length < 2 ? all : all.sort((a, b) => rankOf(a) - rankOf(b) || byAge(a, b))
    },
    isOwner: (namespace, uid) => ofOwner.has(`${namespace}/${uid}`),
  }
}

function rankOf(certificate: Certificate): number {
  if (!isForHosts(certificate)) return 2
  return isShared(certificate) ? 1 : 0
}

/** Whether it is of several hosts whose names came out equal: earlier versions made such. */
export function isShared(certificate: Certificate): boolean {
  return isForHosts(certificate) && !isHandedOver(certificate) && hostsOf(certificate).length > 1
}
