import { makeCa, makeLeaf, makeServingCertificate, type Making } from './certificate.ts'
import { readMaterial, textsOf, type MaterialTexts, type ServingMaterial } from './material.ts'
import type { Step } from './rotation.ts'

/** What a step makes of the serving certificate; the names are those of a first start. */
export async function materialAfter(
  step: Step,
  { names, ...making }: Making & { readonly names: readonly string[] },
): Promise<ServingMaterial> {
  switch (step.kind) {
    case 'keep':
    case 'store':
      return step.material
    case 'newAll': {
      const { ca, caKey, cert, key } = await makeServingCertificate(names, making)
      return checked({ 'ca.crt': ca, 'ca.key': caKey, 'tls.crt': cert, 'tls.key': key })
    }
    case 'newCa': {
      const texts = textsOf(step.of)
      const ca = await makeCa(making)
      return checked({ ...texts, 'ca.crt': `${ca.cert}\n${texts['ca.crt']}`, 'ca.key': ca.key })
    }
    case 'newLeaf': {
      const texts = textsOf(step.of)
      const ca = { cert: String(step.of.bundle[0]), key: step.of.caKey }
      const leaf = await makeLeaf(ca, { ...making, names: step.names })
      return checked({ ...texts, 'tls.crt': leaf.cert, 'tls.key': leaf.key })
    }
    default:
      return step satisfies never
  }
}

/** What nobody could serve with must not be written. */
function checked(texts: MaterialTexts): ServingMaterial {
  const reading = readMaterial(texts)
  if (reading.kind === 'good') return reading.material
  throw new Error(`what was made is not right: ${reading.faults.join('; ')}`)
}
