/** Whether another namespace than this holds a host. What nobody holds is free for all. */
export function isElsewhere(holder: string | undefined, namespace: string): boolean {
  return holder !== undefined && holder !== namespace
}
