/** A Go module of the stack: what it builds, and how long that takes with nothing built before. */
export type Part = {
  readonly name: string
  /** Its folder below `go/`. */
  readonly module: string
  /** Packages; each program is called like its package. */
  readonly programs: readonly string[]
  readonly linkerFlags: string
  /** Seconds on two cores with an empty Go cache. */
  readonly expected: number
  /** GiB of disk that downloads, compilation and programs take. */
  readonly gib: number
  /** Folders or files of modules that are copied beside the programs. */
  readonly copies: readonly Copy[]
  /** Whether it is built only where it is asked for by name. */
  readonly onDemand?: boolean
}

export type Copy = { readonly module: string; readonly path: string; readonly as: string }

const KUBERNETES = '1.36.3'
const HELM = '4.2.4'
const VERSION = 'k8s.io/component-base/version'

/** What the stack is made of. Modules of their own, since their requirements clash. */
export const PARTS: readonly [Part, ...Part[]] = [
  {
    name: 'Kubernetes',
    module: 'kubernetes',
    programs: [
      'k8s.io/kubernetes/cmd/kube-apiserver',
      'k8s.io/kubernetes/cmd/kube-controller-manager',
      'k8s.io/kubernetes/cmd/kubectl',
      './etcd',
    ],
    // Without a version kubectl can't read the server's.
    linkerFlags: [
      `-X ${VERSION}.gitVersion=v${KUBERNETES}`,
      `-X ${VERSION}.gitMajor=1`,
      `-X ${VERSION}.gitMinor=36`,
    ].join(' '),
    expected: 330,
    gib: 4.5,
    copies: [],
  },
  {
    name: 'Traefik',
    module: 'traefik',
    programs: ['github.com/traefik/traefik/v3/cmd/traefik', './oracle'],
    linkerFlags: '',
    expected: 300,
    gib: 4.7,
    copies: [
      {
        module: 'github.com/traefik/traefik/v3',
        path: 'docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml',
        as: 'crds/traefik.yaml',
      },
    ],
  },
  {
    name: 'cert-manager',
    module: 'cert-manager',
    programs: ['tlsauto.dev/stack/cert-manager'],
    linkerFlags: '',
    expected: 150,
    gib: 0.8,
    copies: [
      {
        module: 'github.com/cert-manager/cert-manager',
        path: 'deploy/crds',
        as: 'crds/cert-manager',
      },
    ],
  },
  {
    name: 'Pebble',
    module: 'pebble',
    programs: [
      'github.com/letsencrypt/pebble/v2/cmd/pebble',
      'github.com/letsencrypt/pebble/v2/cmd/pebble-challtestsrv',
    ],
    linkerFlags: '',
    expected: 10,
    gib: 0.1,
    copies: [],
  },
  {
    name: 'Helm',
    module: 'helm',
    programs: ['helm.sh/helm/v4/cmd/helm'],
    linkerFlags: `-X helm.sh/helm/v4/internal/version.version=v${HELM}`,
    expected: 60,
    gib: 0.8,
    copies: [],
  },
  {
    // What the benchmark measures the plugin against.
    name: 'cmctl',
    module: 'cmctl',
    programs: ['github.com/cert-manager/cmctl/v2'],
    linkerFlags: '',
    expected: 120,
    gib: 1,
    copies: [],
    onDemand: true,
  },
]

/** The modules of a running cluster; the others are tools beside it. */
export const CLUSTER: readonly string[] = ['kubernetes', 'traefik', 'cert-manager', 'pebble']
