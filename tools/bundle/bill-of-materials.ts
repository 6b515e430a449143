import { join } from 'node:path';
import type { BundledPackage } from './packages.ts';
import { readJson } from './packages.ts';

interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
}

/**
 * What the bundle is made of, as CycloneDX 1.6. Not `npm sbom --omit dev`: that leaves out what the tools need too (zod, for
 * one), lists what is not in the bundle, and writes the time into it.
 */
export function describeMaterials(root: string, packages: readonly BundledPackage[]): string {
  const { name, version, license, description } = readJson(join(root, 'package.json')) as Record<
    string,
    string
  >;
  const { packages: locked } = readJson(join(root, 'package-lock.json')) as Lockfile;
  const components = packages.map((one) => ({
    type: 'library',
    ...describe(one),
    hashes: hashesOf(locked[one.folder]?.integrity),
  }));
  const bill = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      lifecycles: [{ phase: 'build' }],
      component: {
        type: 'application',
        ...describe({ name: name ?? '', version: version ?? '', license: license ?? '' }),
        description,
      },
    },
    components: [...new Map(components.map((one) => [one.purl, one])).values()],
  };
  return `${JSON.stringify(bill, null, 2)}\n`;
}

function describe({ name, version, license }: Omit<BundledPackage, 'folder'>) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const isExpression = / (?:AND|OR|WITH) /.test(license);
  const licenses = [isExpression ? { expression: license } : { license: { id: license } }];
  return { 'bom-ref': purl, name, version, purl, licenses };
}

/** The lockfile keeps the digest of what the registry served: `sha512-` and base 64. */
function hashesOf(integrity: string | undefined) {
  const [, digest] = /^sha512-(\S+)$/.exec(integrity ?? '') ?? [];
  return digest === undefined
    ? []
    : [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }];
}
