import { isJsonObject, type JsonObject } from '../../../shared/json/json.ts'
import { INSTALLATION } from '../../../shared/kube/installation.ts'

/** Who the server is for the API server. */
export type ServiceAccount = { readonly namespace: string; readonly name: string }

/** Shipped objects as README says to install them under another namespace or ServiceAccount than the manifest's: with
 * the new names in the webhooks' Service and in the guard. A guard that still names the old ones guards nobody. */
export function shippedTo(
  account: ServiceAccount,
  objects: readonly JsonObject[],
): readonly JsonObject[] {
  return objects.map((object) => renamedObject(object, account))
}

function renamedObject(object: JsonObject, account: ServiceAccount): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => {
      const isNamespace = key === 'namespace' && value === INSTALLATION.namespace
      return [key, isNamespace ? account.namespace : renamed(value, account)]
    }),
  )
}

function renamed(value: unknown, account: ServiceAccount): unknown {
  if (typeof value === 'string') return renamedText(value, account)
  if (Array.isArray(value)) return value.map((one) => renamed(one, account))
  return isJsonObject(value) ? renamedObject(value, account) : value
}

const SHIPPED = INSTALLATION.namespace

/** Also in the guard's CEL and in its messages. */
function renamedText(text: string, { namespace, name }: ServiceAccount): string {
  return text
    .replaceAll(`system:serviceaccount:${SHIPPED}:${INSTALLATION.serviceAccount}`, () => {
      return `system:serviceaccount:${namespace}:${name}`
    })
    .replaceAll(`request.namespace == '${SHIPPED}'`, () => `request.namespace == '${namespace}'`)
    .replaceAll(`in namespace ${SHIPPED}`, () => `in namespace ${namespace}`)
}
