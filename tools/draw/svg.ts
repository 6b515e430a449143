/** A rectangle in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export const ink = '#1f2329';
export const faint = '#6b7280';
export const rule = '#e3e6ea';

/** Grafana's names, in the shades of its light theme. */
const named: Readonly<Record<string, string>> = {
  text: ink,
  'dark-red': '#ad0317',
  red: '#e02f44',
  orange: '#ff780a',
  yellow: '#d9a300',
  green: '#37872d',
  blue: '#3274d9',
  'light-blue': '#8ab8ff',
  'super-light-blue': '#6db1ff',
  purple: '#8f3bb8',
};

const palette = [
  '#37872d',
  '#3274d9',
  '#d9a300',
  '#e02f44',
  '#8f3bb8',
  '#ff780a',
  '#0f8a8a',
  '#b0557a',
  '#6b7280',
  '#7b6a2f',
];

export const hex = (color: string | undefined): string =>
  color === undefined ? ink : (named[color] ?? color);

/** Grafana's classic palette: by the order of the series. */
export const paletteColor = (index: number): string => palette[index % palette.length] ?? ink;

export const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Coordinates without a tail of digits. */
export const n = (value: number): string => String(Math.round(value * 10) / 10);

export interface TextStyle {
  readonly size?: number;
  readonly color?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly bold?: boolean;
  /** Pixels; what does not fit is cut. */
  readonly within?: number;
}

export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 12, color = ink, anchor = 'start', bold = false, within } = style;
  const cut = within === undefined ? content : fit(content, within, size, bold);
  return `<text x="${n(x)}" y="${n(y)}" font-size="${size}" fill="${color}" text-anchor="${anchor}"${bold ? ' font-weight="600"' : ''}>${escape(cut)}</text>`;
}

/** Of a letter of DejaVu Sans and its likes, in ems. */
const letter = 0.56;

export const widthOf = (content: string, size: number, bold = false): number =>
  content.length * size * (bold ? letter * 1.1 : letter);

function fit(content: string, within: number, size: number, bold: boolean): string {
  if (widthOf(content, size, bold) <= within) return content;
  return `${content.slice(0, Math.max(1, Math.floor(within / widthOf('x', size, bold)) - 1)).trimEnd()}…`;
}

export const rect = ({ x, y, w, h }: Box, fill: string, more = ''): string =>
  `<rect x="${n(x)}" y="${n(y)}" width="${n(Math.max(0, w))}" height="${n(Math.max(0, h))}" fill="${fill}"${more}/>`;

export const line = (x1: number, y1: number, x2: number, y2: number, color = rule): string =>
  `<path d="M${n(x1)} ${n(y1)}L${n(x2)} ${n(y2)}" stroke="${color}" fill="none"/>`;

export const noData = ({ x, y, w, h }: Box): string =>
  text(x + w / 2, y + h / 2, 'No data', { color: faint, anchor: 'middle', size: 14 });
