import type { ImageScan } from './scan-report.ts';

/**
 * A bill of materials of one container's image. Reports are watched by their metadata, and each body is fetched apart: until then
 * the image is empty, and there is no composition.
 */
export interface Sbom extends Pick<ImageScan, 'name' | 'owner' | 'container' | 'image'> {
  readonly composition?: Composition;
  /** Why the body cannot be read, in a sentence. */
  readonly problem?: string;
}

/** What an image is made of, as far as controls read it: one object for equal ones, however many reports say it. */
export interface Composition {
  /** Packages of the operating system. */
  readonly osPackages: number;
  /** Packages of programming languages. */
  readonly languagePackages: number;
  /** Packages of which the report does not tell whose they are. */
  readonly otherPackages: number;
  /** Components that the report counts and does not list. */
  readonly unlisted: number;
  /** Of the packages, those that a parameter names, with the entry that they answer to; by entry, then name. */
  readonly named: readonly NamedPackage[];
  /** The entries that were looked for; absent where all packages were kept. */
  readonly sought?: ReadonlySet<string>;
  readonly os?: { readonly family: string; readonly release: string };
  /** Packages that come with the base image and move with it; by name. */
  readonly markers: readonly { readonly name: string; readonly version: string }[];
  /** The base that the image's own labels name, as written. */
  readonly base?: { readonly name: string; readonly digest?: string };
}

export interface NamedPackage {
  /** As a parameter writes it, such as `netcat`. */
  readonly entry: string;
  /** As the image has it, such as `netcat-openbsd`. */
  readonly name: string;
}

/** The parameters that name packages. */
export const packageParameters = [
  'images.deniedPackages',
  'images.discouragedPackages',
  'images.setuidPackages',
] as const;

/** Services that let somebody in from outside, as a parameter would write them; RD-5.H.8.3 looks for these, whatever a profile says. */
export const remoteAdminPackages: readonly string[] = ['dropbear', 'openssh-server', 'telnetd', 'xrdp'];
