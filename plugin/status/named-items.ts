import type { StatusItem } from './report.ts'

/** The items that a name means: a Certificate's, a route's or a domain's. Throws where it means none. */
export function itemsCalled(items: readonly StatusItem[], name: string): readonly StatusItem[] {
  const meant = items.filter(
    (item) =>
      item.certificate === name || item.route === name || item.domain === name.toLowerCase(),
  )
  if (meant.length === 0) {
    throw new Error(
      `no Certificate, route or domain is called ${name} here; try -A, or -n NAMESPACE`,
    )
  }
  return meant
}

/** The items of the routes with those keys (`Kind namespace/name`); all where none were asked for. */
export function ofRoutes(
  items: readonly StatusItem[],
  routes: ReadonlySet<string> | undefined,
): readonly StatusItem[] {
  if (routes === undefined) return items
  return items.filter(({ kind, namespace, route }) => routes.has(`${kind} ${namespace}/${route}`))
}

/** The items that names mean, name by name; without names all together. Throws where there is none. */
export function itemsMeant(
  items: readonly StatusItem[],
  names: readonly string[],
): readonly (readonly StatusItem[])[] {
  if (names.length > 0) return names.map((name) => itemsCalled(items, name))
  if (items.length > 0) return [items]
  throw new Error('no route has these labels here; try -A, or -n NAMESPACE')
}

/** The items to wait for under those names (or all), each once: of a route's domains those that can have
 * a certificate, if any can. */
export function itemsToAwait(
  items: readonly StatusItem[],
  names: readonly string[],
): readonly StatusItem[] {
  const all = itemsMeant(items, names).flatMap((meant) => {
    const managed = meant.filter(({ state }) => state !== 'unmanaged')
    return managed.length > 0 ? managed : meant
  })
  return [...new Map(all.map((item) => [keyOfItem(item), item])).values()]
}

/** Chooses the domains that hang on those Certificates now, also when these are others later. */
export function itemsBehind(
  certificates: readonly { readonly namespace: string; readonly name: string }[],
  items: readonly StatusItem[],
): (later: readonly StatusItem[]) => readonly StatusItem[] {
  const meant = new Set(certificates.map(({ namespace, name }) => `${namespace}/${name}`))
  const behind = items.filter((item) => meant.has(`${item.namespace}/${item.certificate}`))
  const keys = new Set(behind.map(keyOfItem))
  return (later) => later.filter((item) => keys.has(keyOfItem(item)))
}

/** Tells the domains of routes apart, whatever becomes of their Certificates. */
function keyOfItem({ namespace, kind, route, domain }: StatusItem): string {
  return `${kind} ${namespace}/${route} ${domain ?? ''}`
}
