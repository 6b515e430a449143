import type { PolicyPort } from '../../domain/network-policy.ts';
import type { Json } from '../fields.ts';
import { integerField, objectField, objectsField, ShapeError, stringField } from '../fields.ts';
import { present } from '../present.ts';
import { refuseOthers } from './policy-fields.ts';

/** `ports` of v1alpha1: each a number, a range, or the name of a port of the pod. None of them is every port. */
export const projectAdminPorts = (rule: Json, path: string): PolicyPort[] =>
  objectsField(rule, 'ports', path).map((port, index) => {
    const at = `${path}.ports[${index}]`;
    refuseOthers(port, ['portNumber', 'portRange', 'namedPort'], at);
    const named = stringField(port, 'namedPort', at);
    if (named !== undefined) return { protocol: 'TCP', port: named };
    const number = objectField(port, 'portNumber', at);
    if (number !== undefined) return readPort(number, `${at}.portNumber`, 'port');
    const range = objectField(port, 'portRange', at);
    if (range !== undefined) return readRange(range, `${at}.portRange`);
    throw new ShapeError(at, 'one of portNumber, portRange, namedPort', port);
  });

/** `protocols` of v1alpha2. */
export const projectProtocols = (rule: Json, path: string): PolicyPort[] =>
  objectsField(rule, 'protocols', path).map((entry, index) => {
    const at = `${path}.protocols[${index}]`;
    refuseOthers(entry, ['tcp', 'udp', 'sctp', 'destinationNamedPort'], at);
    const named = stringField(entry, 'destinationNamedPort', at);
    if (named !== undefined) return { protocol: 'TCP', port: named };
    const field = ['tcp', 'udp', 'sctp'].find((each) => (entry[each] ?? null) !== null);
    if (field === undefined) throw new ShapeError(at, 'one of tcp, udp, sctp, destinationNamedPort', entry);
    return readProtocol(objectField(entry, field, at) ?? {}, field.toUpperCase(), `${at}.${field}`);
  });

function readProtocol(from: Json, protocol: string, path: string): PolicyPort {
  refuseOthers(from, ['destinationPort'], path);
  const port = objectField(from, 'destinationPort', path);
  if (port === undefined) return { protocol };
  const at = `${path}.destinationPort`;
  refuseOthers(port, ['number', 'range'], at);
  const range = objectField(port, 'range', at);
  if (range !== undefined) return { ...readRange(range, `${at}.range`), protocol };
  return { ...readPort(port, at, 'number'), protocol };
}

function readPort(from: Json, path: string, field: string): PolicyPort {
  const port = integerField(from, field, path);
  if (port === undefined) throw new ShapeError(`${path}.${field}`, 'an integer', undefined);
  return { protocol: stringField(from, 'protocol', path) ?? 'TCP', port };
}

function readRange(from: Json, path: string): PolicyPort {
  const [port, endPort] = [integerField(from, 'start', path), integerField(from, 'end', path)];
  if (port === undefined || endPort === undefined) throw new ShapeError(path, 'a start and an end', from);
  return present({ protocol: stringField(from, 'protocol', path) ?? 'TCP', port, endPort });
}
