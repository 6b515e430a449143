import { besideReferences, hasReference } from './references.ts';
import { textureOf } from './texture.ts';

/** Forms of values that are no secret, whatever they are called. Each is tried on one word without spaces around it. */

/** A hash of a password is not the password. */
const passwordHash =
  /^(?:\$(?:2[abxy]?|argon2\w*|[156]|y|apr1|pbkdf2[\w-]*|scrypt)\$|pbkdf2[:_]|scrypt:|sha256:\d)/;

const plainWord =
  /^(?:true|false|yes|no|on|off|y|n|null|nil|none|undefined|nan|enabled?|disabled?|auto|default|\*+|-+)$/i;

/** Also with a unit, as a list, as a version, a date, a time, an address, a network. */
const number =
  /^[-+]?\d[\d.,_:/T-]{0,60}(?:[eE][-+]?\d{1,3})?(?:n|u|ns|us|m|ms|s|min|h|d|w|y|[kKMGTPE]i?(?:B|b|bps)?|B|%|px|r?em)?(?:Z|\+\d\d:?\d\d)?$/;
const version =
  /^[vV^~=<>]{0,2}\d{1,6}(?:\.(?:\d{1,6}|[x*])){1,3}(?:[-+.][0-9A-Za-z.-]{0,40})?$|^v\d{1,4}(?:(?:alpha|beta|rc)\d{0,3})?$/;
const ipv6 = /^(?=.*:.*:)[0-9a-fA-F:.]{2,45}(?:%\w+)?(?:\/\d{1,3})?$/;

const path = /^(?:\/|\.{1,2}\/|~\/|[A-Za-z]:[\\/])/;
const fileName =
  /^[\w./@-]{0,200}\.(?:ya?ml|json|toml|ini|conf|cfg|cnf|properties|xml|txt|log|sh|py|rb|js|ts|jar|war|so|sql|db|sock|pem|crt|cer|key|pub|jks|p12|csv|html?|tpl|tmpl|service|lua|php|go)$/i;

const url = /^[A-Za-z][A-Za-z0-9+.-]{0,30}:(?:\/\/|\w+:\/\/)\S*$/;
const host = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}[a-z][a-z0-9-]{0,61}\.?(?::\d{1,5})?$/;
const hostAndPort = /^[A-Za-z0-9.-]{1,253}:\d{2,5}$/;
const mail = /^[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[A-Za-z]{2,24}$/;
const image =
  /^(?:[a-z0-9.-]{1,100}(?::\d{1,5})?\/)?[a-z0-9]+(?:[._/-]{1,2}[a-z0-9]+){0,20}(?::[\w.-]{1,128})?@sha256:[0-9a-f]{64}$|^[a-z0-9.-]{1,100}(?::\d{1,5})?(?:\/[a-z0-9._-]{1,100}){1,6}(?::[\w.-]{1,128})?$/;

const digest = /^(?:sha(?:1|224|256|384|512)|md5|blake[23]\w?|h1|cid)[:=-][\w+/=-]{16,}$/i;
const publicKey =
  /^(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\S+|sk-\S+@openssh\.com)\s|^-----BEGIN (?:[A-Z ]{0,20})?(?:CERTIFICATE|PUBLIC KEY|X509 CRL|DH PARAMETERS|EC PARAMETERS)|^age1[02-9ac-hj-np-z]{58}$/;

/** Public by design, although they look like keys. */
const publicIds =
  /^(?:pk_(?:live|test)_\w+|UA-\d+-\d+|G-[A-Z0-9]{6,12}|GTM-\w+|https?:\/\/[a-f0-9]{32}@[\w.-]+\/\d+)$/;

const forms: readonly RegExp[] = [
  passwordHash,
  plainWord,
  number,
  version,
  ipv6,
  fileName,
  url,
  host,
  hostAndPort,
  mail,
  image,
  digest,
  publicKey,
  publicIds,
];

/** Longer ones are looked at by their beginnings: no form that counts on its end is longer. */
const longestLook = 4_096;

/**
 * What of a value may be a secret: it itself, or what is written beside its references. Whether it has the form of a known secret
 * is asked before.
 * @returns undefined for a value that no name makes a secret
 */
export function writtenIn(value: string): string | undefined {
  const head = value.slice(0, longestLook);
  if (hasHarmlessForm(head)) return undefined;
  const beside = besideReferences(head, (part) => hasHarmlessForm(part) || textureOf(part) === 'words');
  return beside === undefined ? value : beside || undefined;
}

const hasHarmlessForm = (text: string): boolean =>
  text === '' || forms.some((form) => form.test(text)) || isPath(text) || isEncodedPublic(text);

/** A base64 key may begin with a slash too, but then its parts look like chance. */
function isPath(value: string): boolean {
  if (!path.test(value)) return false;
  return !value
    .split(/[\\/]/)
    .some((part) => part.length >= 16 && /[A-Z]/.test(part) && /\d/.test(part) && /[a-z]/.test(part));
}

/** The base64 of `-----BEGIN CERTIFICATE` or of a public key. */
const isEncodedPublic = (value: string): boolean =>
  value.startsWith('LS0tLS1CRUdJTi') &&
  publicKey.test(Buffer.from(value.slice(0, 80), 'base64').toString('latin1'));

/** What is written there is not the value, nor is any of it like a secret. */
export const isReference = (value: string): boolean =>
  besideReferences(value, (part) => hasHarmlessForm(part) || textureOf(part) === 'words') === '';

const loopback = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:localhost|127\.|0\.0\.0\.0|\[?::1)/i;
const ipv4 = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?$/;
/** `com.example.Main` is a package; a host has its widest part last. */
const reversed = /^(?:com|org|net|io|dev)\./;

/** A host or a URL, which several workloads may have in common; the own host is not shared. */
export function isAddress(value: string): boolean {
  if (value.length > 512 || loopback.test(value) || hasReference(value)) return false;
  if (/^[a-z][a-z0-9+.-]{0,30}:\/\/\S+$/i.test(value)) return true;
  if (fileName.test(value) || reversed.test(value)) return false;
  return ipv4.test(value) || host.test(value) || /^[a-z][a-z0-9.-]{0,252}:\d{2,5}$/.test(value);
}
