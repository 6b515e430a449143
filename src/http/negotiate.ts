import type { Format } from '../telemetry/exposition-format.ts';

/** One entry of an Accept header. */
interface Range {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

interface Fit {
  readonly quality: number;
  /** 0 for a range of all types, 1 for one of a group, 2 for the type itself. */
  readonly exactness: number;
}

/** The media type of each format, with the versions that it answers to. */
const offers: readonly (readonly [Format, type: string, versions: readonly string[]])[] = [
  // 1.0.0 differs in how names are quoted that are no names here.
  ['text', 'text/plain', ['0.0.4', '1.0.0']],
  ['openmetrics', 'application/openmetrics-text', ['1.0.0']],
];

/**
 * The format that the reader likes best, by an Accept header. Of what he likes equally, that which he names; the older
 * text format where he asks for neither, since a page that is not understood helps more than none.
 */
export function chooseFormat(accept: string | undefined): Format {
  const ranges = parse(accept ?? '*/*');
  let best: (Fit & { format: Format }) | undefined;
  for (const [format, type, versions] of offers) {
    const fit = fitOf(ranges, type, versions);
    if (fit.quality > 0 && (best === undefined || isBetter(fit, best))) best = { ...fit, format };
  }
  return best?.format ?? 'text';
}

/** Whether the reader takes gzip, by an Accept-Encoding header. */
export function takesGzip(acceptEncoding: string | undefined): boolean {
  const ranges = parse(acceptEncoding ?? '');
  const found = ranges.find(({ name }) => name === 'gzip') ?? ranges.find(({ name }) => name === '*');
  return found !== undefined && found.quality > 0;
}

const isBetter = (one: Fit, other: Fit): boolean =>
  one.quality === other.quality ? one.exactness > other.exactness : one.quality > other.quality;

/** The narrowest range that holds the type decides: its quality may be lower than that of a wider one. */
function fitOf(ranges: readonly Range[], type: string, versions: readonly string[]): Fit {
  const fits = ranges.map(({ name, parameters, quality }) => {
    const exactness = exactnessOf(name, type);
    const version = parameters.get('version');
    const isOther = exactness === 2 && version !== undefined && !versions.includes(version);
    return { quality, exactness: isOther ? -1 : exactness };
  });
  const exactness = Math.max(...fits.map((fit) => fit.exactness));
  const among = fits.filter((fit) => fit.exactness === exactness && exactness >= 0);
  return { quality: Math.max(0, ...among.map((fit) => fit.quality)), exactness };
}

const exactnessOf = (name: string, type: string): number =>
  [name === '*/*', name === `${type.split('/')[0]}/*`, name === type].lastIndexOf(true);

function parse(header: string): Range[] {
  return header.split(',').map((entry) => {
    const [name = '', ...rest] = entry.split(';').map((part) => part.trim());
    const parameters = new Map(
      rest.map((part) => {
        const [key = '', value = ''] = part.split('=');
        return [key.trim().toLowerCase(), value.trim().replaceAll('"', '')] as const;
      }),
    );
    return { name: name.toLowerCase(), parameters, quality: qualityOf(parameters.get('q')) };
  });
}

/** Without one it is 1; what is no quality is none. */
function qualityOf(text = '1'): number {
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}
